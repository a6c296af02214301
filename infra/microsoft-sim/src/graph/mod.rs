//! The part of Microsoft Graph by which an application rolls its own keys: it reads itself, and
//! adds and removes key credentials with a proof of possession (`application: addKey` and
//! `removeKey`, v1.0). Graph and the token endpoint are two services: what one knows, the other
//! may know later (`added`).

pub(crate) mod added;
pub(crate) mod application;
mod bearer;
mod errors;
mod keys;
mod operation;
mod proof;
mod request;

use axum::Router;
use axum::routing::{get, post};

use self::operation::{Operation, handler};
use crate::site::Site;

/// Every route, by either name of an application.
pub(crate) fn routes() -> Router<Site> {
    let named = "/v1.0/applications/{application}";
    let by_app_id = "/v1.0/{application}";
    let mut router = Router::new();
    for path in [named, by_app_id] {
        router = router
            .route(path, get(handler(Operation::Read)))
            .route(&format!("{path}/addKey"), post(handler(Operation::AddKey)))
            .route(
                &format!("{path}/removeKey"),
                post(handler(Operation::RemoveKey)),
            );
    }
    router
}
