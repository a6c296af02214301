//! The bearer token, judged as the API judges it: signed by this authority, for the
//! management API under any of its names, alive, of the tenant in the path.

use axum::http::HeaderMap;
use serde::Deserialize;
use uuid::Uuid;

use super::errors::{Refused, UNAUTHORIZED};
use crate::authority::issuer_v1;
use crate::bearer;
use crate::directory::resources::Resource;
use crate::keys::SigningKey;

/// Whom a token speaks for.
#[derive(Debug)]
pub(crate) struct Bearer {
    pub(crate) tenant: Uuid,
    pub(crate) client: Uuid,
    /// Application roles, and the scopes of a token that is a person's.
    pub(crate) permissions: Vec<String>,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    exp: u64,
    nbf: u64,
    tid: Uuid,
    appid: Uuid,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    scp: String,
}

impl Bearer {
    /// The token of a request. Fails closed because whatever is not understood proves nothing.
    pub(crate) fn check(headers: &HeaderMap, key: &SigningKey, now: u64) -> Result<Self, Refused> {
        let claims = bearer::claims(headers, key);
        let claims = claims.filter(|claims: &Claims| claims.hold_at(now));
        let claims = claims.ok_or(&UNAUTHORIZED)?;
        let scopes = claims.scp.split(' ').filter(|scope| !scope.is_empty());
        let mut permissions = claims.roles;
        permissions.extend(scopes.map(str::to_owned));
        Ok(Self {
            tenant: claims.tid,
            client: claims.appid,
            permissions,
        })
    }
}

impl Claims {
    /// To the second. Assumption `bearer-without-skew`.
    fn hold_at(&self, now: u64) -> bool {
        let for_us = Resource::find(&self.aud).is_some_and(Resource::is_management);
        for_us
            && self.iss == issuer_v1(&self.tid.to_string())
            && (self.nbf..self.exp).contains(&now)
    }
}
