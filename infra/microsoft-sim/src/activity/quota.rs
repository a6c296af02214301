//! How often a publisher may ask for a tenant in a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

/// Who shares a quota: a publisher for one tenant, or everyone without a publisher.
type Sharers = Option<(Uuid, Uuid)>;

/// The minutes that run.
#[derive(Default)]
pub(crate) struct Quota(Mutex<HashMap<Sharers, Minute>>);

#[derive(Default)]
struct Minute {
    number: u64,
    requests: u64,
}

impl Quota {
    /// Counts a request; `false` where it is one too many.
    /// Assumption `quota-by-the-minute`.
    pub(crate) fn admit(
        &self,
        publisher: Option<Uuid>,
        tenant: Uuid,
        now: u64,
        allowed: u64,
    ) -> bool {
        let mut minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sharers = publisher.map(|publisher| (publisher, tenant));
        let minute = minutes.entry(sharers).or_default();
        if minute.number != now / 60 {
            *minute = Minute {
                number: now / 60,
                requests: 0,
            };
        }
        minute.requests += 1;
        minute.requests <= allowed
    }
}
