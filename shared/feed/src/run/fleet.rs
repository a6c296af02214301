//! What a run is built from.

use std::sync::Arc;

use auth::ports::{Leases, Meter, Tenants};

use crate::address::FeedHost;
use crate::collect::Collector;
use crate::ports::DueFeeds;

/// The audit logs of all tenants.
pub struct Fleet {
    /// A tenant's turn.
    pub collector: Arc<Collector>,
    /// Who is connected, and in which cloud.
    pub tenants: Arc<dyn Tenants>,
    /// Which tenants have a row, and when a run looks at each.
    pub due: Arc<dyn DueFeeds>,
    /// Which run has which shard.
    pub leases: Arc<dyn Leases>,
    /// The figures of a run.
    pub meter: Arc<dyn Meter>,
    /// The Activity API of every tenant, in place of its cloud's: `FEED_API_URL`.
    pub host: Option<FeedHost>,
    /// How many tenants at a time (`FEED_CONCURRENCY`), at least 1.
    pub concurrency: usize,
}
