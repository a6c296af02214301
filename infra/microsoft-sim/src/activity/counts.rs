//! What the API has been asked, for `GET /_sim/activity/requests`: everything that arrives,
//! before any fault or refusal.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// The counters, as they are shown.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Shown {
    /// By the tenant as the path had it, then by method (`GetBlob`).
    pub(crate) by_tenant: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// Refusals by AF code.
    pub(crate) refused: BTreeMap<&'static str, u64>,
    /// Requests without a PublisherIdentifier that is a GUID.
    pub(crate) without_publisher: u64,
}

/// The counters, shared.
#[derive(Default)]
pub(crate) struct Counts(Mutex<Shown>);

impl Counts {
    pub(crate) fn count(&self, increase: impl FnOnce(&mut Shown)) {
        increase(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn read(&self) -> Shown {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
