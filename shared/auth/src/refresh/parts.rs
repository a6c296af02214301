//! What the refresher is built from.

use std::sync::Arc;

use crate::ports::{Clock, Leases, Pause, Runs, Spending, TokenStore};
use crate::renew::Renewal;

/// The refresher's use case.
pub struct Refresh {
    /// What is due, shard by shard.
    pub tokens: Arc<dyn TokenStore>,
    /// Which run has which shard.
    pub leases: Arc<dyn Leases>,
    /// What the last run was, and how the fleet stands.
    pub runs: Arc<dyn Runs>,
    /// What a run's requests to the table cost; `None` where it is not counted.
    pub spending: Option<Arc<dyn Spending>>,
    /// How one is renewed.
    pub renewal: Arc<Renewal>,
    /// How many at a time in the whole run (`REFRESH_CONCURRENCY`), at least 1.
    pub concurrency: usize,
    /// What is due by it, and how much time a run has left.
    pub clock: Arc<dyn Clock>,
    /// How a run waits while the table is throttled.
    pub pause: Arc<dyn Pause>,
}
