//! What the refresher is built from.

use std::sync::Arc;

use crate::ports::{Clock, Leases, TokenStore};
use crate::renew::Renewal;

/// The refresher's use case.
pub struct Refresh {
    /// What is due, shard by shard.
    pub tokens: Arc<dyn TokenStore>,
    /// Which run has which shard.
    pub leases: Arc<dyn Leases>,
    /// How one is renewed.
    pub renewal: Arc<Renewal>,
    /// How many at a time (`REFRESH_CONCURRENCY`), at least 1.
    pub concurrency: usize,
    /// What is due by it, and how much time a run has left.
    pub clock: Arc<dyn Clock>,
}
