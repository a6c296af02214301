//! What an operator does with the audit log of a tenant, and sees of it: pause, resume, leave and
//! backfill (`changing.rs`), status and gaps (`status.rs`), and the deletion of what is stored
//! (`purging.rs`). Who calls has asked the operator.
//!
//! Nothing here asks Microsoft: a change is a word in the tenant's row, and the next run that
//! looks at the tenant does what follows.

mod changing;
mod purging;
mod status;

use std::sync::Arc;
use std::time::Duration;

use auth::TenantId;
use auth::ports::{Clock, Leases, StoreError};

use crate::due::Due;
use crate::ledger::TenantFeed;
use crate::marks;
use crate::ports::{DueFeeds, Ledger};

pub use changing::{Backfill, OperateError, Operated};
pub use purging::{PurgeError, Purged, Purging, Stock};
pub use status::{Gap, Missing, Status, TypeStatus};

/// The audit logs of all tenants, for an operator.
pub struct Feeds {
    /// Their rows.
    pub ledger: Arc<dyn Ledger>,
    /// Which tenants have one.
    pub due: Arc<dyn DueFeeds>,
    /// How far the runs have listed what is idle.
    pub leases: Arc<dyn Leases>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Between two turns of a tenant, as the runs have it.
    pub interval: Duration,
    /// Seconds for which content settles: `FEED_SETTLE_SECONDS`.
    pub settle: u32,
}

impl Feeds {
    /// Every tenant that has a row, in the order of tenant IDs.
    pub async fn tenants(&self) -> Result<Vec<(TenantId, Due)>, StoreError> {
        let mut all = Vec::new();
        for shard in 0..self.due.shards() {
            all.extend(self.due.rows(shard).await?);
        }
        all.sort_by_key(|(tenant, _)| *tenant.as_bytes());
        Ok(all)
    }

    /// A tenant's row, with what the lease of its shard says of it; `None` where it has none yet.
    async fn read(&self, tenant: TenantId) -> Result<Option<TenantFeed>, StoreError> {
        let turns = marks::turns(self.interval);
        let lease = marks::lease_of(marks::shard_of(tenant, self.due.shards()));
        // Before the row: what a lease says is true of every row that is read later.
        let looked = self.leases.looked(&lease).await?;
        let looked = marks::believed(looked, turns, self.clock.now());
        let Some(mut feed) = self.ledger.feed(tenant).await? else {
            return Ok(None);
        };
        let due = feed.due;
        let mark = looked.and_then(|looked| marks::mark_of(&looked, turns, tenant, due));
        feed.settles(self.settle);
        feed.listed_until(mark);
        Ok(Some(feed))
    }
}
