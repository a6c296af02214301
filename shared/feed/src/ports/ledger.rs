//! The ledger in the table.

use async_trait::async_trait;
use auth::TenantId;
use auth::ports::{StoreError, Write};

use crate::content_type::ContentType;
use crate::ledger::{BatchRow, TenantFeed};
use crate::window::Window;

/// The rows of the audit log. Every write is conditional: of two runs that meet, one writes.
///
/// Failure policy: a [`StoreError`] leaves the rows as they were, or a write done of which
/// nothing is known; doing it again is then [`Write::Stale`], and the caller reads.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// The row of a tenant; `None` where it has none yet. Strongly consistent: what a run
    /// writes is fenced by it.
    async fn feed(&self, tenant: TenantId) -> Result<Option<TenantFeed>, StoreError>;

    /// Writes a tenant's row if its version is still the one in `feed`; where that has none, if
    /// there is no row.
    async fn put_feed(&self, feed: &TenantFeed) -> Result<Write, StoreError>;

    /// The batches of the hours of a window, strongly consistent: all of them, or an error.
    async fn batches(
        &self,
        tenant: TenantId,
        content_type: ContentType,
        within: Window,
    ) -> Result<Vec<BatchRow>, StoreError>;

    /// Writes the row of a new batch, if there is none of its name.
    async fn put_batch(&self, batch: &BatchRow) -> Result<Write, StoreError>;

    /// A listed batch becomes `parts`, which hold its contents between them: in one
    /// transaction, if it is still listed.
    async fn split_batch(&self, batch: &BatchRow, parts: &[BatchRow]) -> Result<Write, StoreError>;

    /// A listed batch is stored, if it is still listed.
    async fn finish_batch(&self, batch: &BatchRow) -> Result<Write, StoreError>;
}
