//! A request of the application itself, admitted: what an operation works on.

use std::sync::Arc;

use axum::http::HeaderMap;
use serde_json::Value;

use super::application;
use super::bearer::Bearer;
use super::errors::{BAD_REQUEST, NOT_FOUND, Refused};
use crate::directory::applications::Application;
use crate::site::Site;

/// A request of the application itself.
pub(super) struct Call {
    pub(super) site: Site,
    pub(super) application: Arc<Application>,
    pub(super) bearer: Bearer,
    pub(super) now: u64,
    /// Null where there is none, or none that can be read.
    pub(super) body: Value,
}

impl Call {
    /// Whose token it is comes first, then which application is named.
    pub(super) fn admit(
        site: Site,
        named: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Refused> {
        let now = site.core.clock.unix_seconds();
        let bearer = Bearer::check(headers, &site.core.signing_key, now)?;
        let application = application::named(named, &site.core.directory.snapshot());
        let application = application
            .ok_or_else(|| Refused::by(NOT_FOUND, format!("Resource '{named}' does not exist.")))?;
        bearer.check_own(&application)?;
        Ok(Self {
            site,
            application,
            bearer,
            now,
            body: serde_json::from_slice(body).unwrap_or_default(),
        })
    }

    pub(super) fn text(&self, pointer: &str) -> Option<&str> {
        self.body.pointer(pointer).and_then(Value::as_str)
    }

    pub(super) fn required(&self, pointer: &str) -> Result<&str, Refused> {
        self.text(pointer).ok_or_else(|| {
            let name = pointer.trim_start_matches('/');
            Refused::by(BAD_REQUEST, format!("Property {name} is required."))
        })
    }
}
