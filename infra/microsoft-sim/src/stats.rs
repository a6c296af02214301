//! What the simulator has been asked, for `GET /_sim/stats`.
//!
//! Counts what arrives, before any fault or refusal. `connections` are TCP
//! connections that carried at least one authority request: connections used
//! for `/_sim/` alone are not counted.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use uuid::Uuid;

/// The counters, as they are shown.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Counts {
    /// Connections that carried an authority request.
    pub(crate) connections: u64,
    /// Authorize pages asked for (both versions); sign-ins posted back and the
    /// admin consent pages are not counted.
    pub(crate) authorize: u64,
    /// Token requests with `grant_type=authorization_code`, refused ones too.
    pub(crate) code_redemptions: u64,
    /// Token requests with `grant_type=client_credentials`, refused ones too.
    pub(crate) app_only_requests: u64,
    /// The same by tenant; requests for a tenant that does not exist are left
    /// out.
    pub(crate) app_only_by_tenant: BTreeMap<Uuid, u64>,
    /// Discovery documents and instance discovery.
    pub(crate) discovery: u64,
    /// Key sets.
    pub(crate) jwks: u64,
    /// Refusals by AADSTS number, on pages, in redirects and in token answers.
    pub(crate) refused: BTreeMap<u32, u64>,
}

/// The counters, shared.
#[derive(Default)]
pub(crate) struct Stats(Mutex<Counts>);

impl Stats {
    /// Counts something.
    pub(crate) fn count(&self, increase: impl FnOnce(&mut Counts)) {
        increase(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn read(&self) -> Counts {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
