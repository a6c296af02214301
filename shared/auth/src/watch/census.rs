//! How many tenants have which status, counted page by page once an hour: a count that was
//! kept with every change would cost a write at each, and would be wrong after the first
//! one that was lost.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::parts::WatchParts;
use crate::metric::Metric;
use crate::ports::{Listing, Meter, StoreError};
use crate::tenant::TenantStatus;
use crate::timestamp::Timestamp;

/// Seconds between two counts of one process; a new process counts at its first run.
const COUNT_EVERY: u64 = 60 * 60;
/// Rows for one query. A page of DynamoDB ends at 1 MB, some 2,000 tenants, whatever is
/// asked for.
const PAGE: u32 = 1_000;

/// When this process counted the tenants last.
#[derive(Default)]
pub(super) struct Census(Mutex<Option<Timestamp>>);

impl Census {
    /// Counts, if it is time, and reports the numbers; a count that cannot be finished before
    /// `deadline` is not reported.
    pub(super) async fn tell(&self, parts: &WatchParts, deadline: Timestamp) {
        if !self.is_time(parts.clock.now()) {
            return;
        }
        match count(parts, deadline).await {
            Ok(Some(counts)) => record(parts.meter.as_ref(), &counts),
            Ok(None) => tracing::warn!(
                event = "census_unfinished",
                "no time was left to count the tenants"
            ),
            Err(error) => {
                tracing::error!(event = "watch_store_error", %error, "the tenants were not counted");
            }
        }
    }

    /// Whether it is; a count that fails is tried again an hour later, too.
    fn is_time(&self, now: Timestamp) -> bool {
        let mut counted_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: Timestamp| at <= now && at.seconds_until(now) < COUNT_EVERY;
        if counted_at.is_some_and(is_recent) {
            return false;
        }
        *counted_at = Some(now);
        true
    }
}

async fn count(
    parts: &WatchParts,
    deadline: Timestamp,
) -> Result<Option<HashMap<TenantStatus, u64>>, StoreError> {
    let (mut counts, mut after) = (HashMap::new(), None);
    loop {
        if parts.clock.now() >= deadline {
            return Ok(None);
        }
        let listing = Listing {
            after,
            examine: PAGE,
            ..Listing::default()
        };
        let page = parts.tenants.list(&listing).await?;
        for tenant in &page.tenants {
            *counts.entry(tenant.status).or_default() += 1;
        }
        after = page.next;
        if after.is_none() {
            return Ok(Some(counts));
        }
    }
}

fn record(meter: &dyn Meter, counts: &HashMap<TenantStatus, u64>) {
    for status in TenantStatus::ALL {
        let count = counts.get(status).copied().unwrap_or_default();
        meter.record(Metric::Tenants(*status), count);
    }
}
