//! The bearer token, judged as Graph judges it: signed by this authority, for Graph, alive, of
//! the application itself in its home tenant.

use axum::http::HeaderMap;
use serde::Deserialize;
use uuid::Uuid;

use super::errors::{NO_PERMISSION, NO_TOKEN, Refused};
use crate::authority::issuer_v1;
use crate::bearer;
use crate::directory::applications::Application;
use crate::directory::resources::Resource;
use crate::keys::SigningKey;

/// Each lets an application read itself. Assumption `reading-needs-a-role`.
const READERS: [&str; 3] = [
    "Application.Read.All",
    "Application.ReadWrite.OwnedBy",
    "Application.ReadWrite.All",
];

/// What the token says; everything of it is proven.
#[derive(Deserialize)]
pub(super) struct Bearer {
    aud: String,
    iss: String,
    exp: u64,
    nbf: u64,
    tid: Uuid,
    appid: Uuid,
    #[serde(default)]
    roles: Vec<String>,
}

impl Bearer {
    /// The token of a request. Fails closed because whatever is not understood proves nothing.
    pub(super) fn check(headers: &HeaderMap, key: &SigningKey, now: u64) -> Result<Self, Refused> {
        let claims = bearer::claims(headers, key);
        claims
            .filter(|claims: &Self| claims.hold_at(now))
            .ok_or(Refused::by(
                NO_TOKEN,
                "Access token is empty, invalid or of another audience.",
            ))
    }

    fn hold_at(&self, now: u64) -> bool {
        Resource::find(&self.aud).is_some_and(Resource::is_graph)
            && self.iss == issuer_v1(&self.tid.to_string())
            && (self.nbf..self.exp).contains(&now)
    }

    /// Whether it is this application's own, of its home tenant: an application needs no other
    /// permission to roll its own keys.
    pub(super) fn check_own(&self, application: &Application) -> Result<(), Refused> {
        let registration = &application.registration;
        let own =
            self.appid == registration.client_id && registration.home_tenant == Some(self.tid);
        own.then_some(()).ok_or_else(denied)
    }

    pub(super) fn check_reader(&self) -> Result<(), Refused> {
        let may_read = |role: &String| READERS.contains(&role.as_str());
        self.roles
            .iter()
            .any(may_read)
            .then_some(())
            .ok_or_else(denied)
    }
}

fn denied() -> Refused {
    Refused::by(
        NO_PERMISSION,
        "Insufficient privileges to complete the operation.",
    )
}
