//! The due index of the audit log.

use async_trait::async_trait;
use auth::ports::StoreError;
use auth::{TenantId, Timestamp};

use crate::due::Due;

/// Which tenants have a row of the audit log, and when a run looks at each.
///
/// Failure policy: a [`StoreError`] leaves the rows as they were.
#[async_trait]
pub trait DueFeeds: Send + Sync {
    /// Into how many shards the index is cut. A tenant's is its slot modulo this, for ever.
    fn shards(&self) -> u32;

    /// Every row of a shard, in the order of [`Due::number`]: one query. Eventually consistent:
    /// the index is behind the rows by moments. A row that cannot be read is passed over with
    /// a line in the log.
    async fn rows(&self, shard: u32) -> Result<Vec<(TenantId, Due)>, StoreError>;

    /// Has a tenant looked at [from](Due::From) `at` on, whatever else its row holds: it could not be
    /// read, or written. One without a row stays without.
    async fn look_again(&self, tenant: TenantId, at: Timestamp) -> Result<(), StoreError>;
}
