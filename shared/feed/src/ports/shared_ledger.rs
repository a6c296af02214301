//! The rows of the ledger by which sessions that meet for one tenant keep apart.

use async_trait::async_trait;
use auth::ports::{StoreError, Write};
use auth::version::Version;
use auth::{TenantId, Timestamp};

use crate::content_type::ContentType;
use crate::handed::WindowRow;
use crate::ledger::TenantFeed;

/// What a turn, a woken one and workers of windows need of the ledger beside
/// [`Ledger`](super::Ledger), where they work for one tenant at the same time.
///
/// Failure policy: as of [`Ledger`](super::Ledger).
#[async_trait]
pub trait SharedLedger: Send + Sync {
    /// Makes a session the one that stores for a tenant ([`TenantFeed::busy_until`]), if the row's
    /// version is still the one in `feed`: the new version, or `None`.
    async fn claim(
        &self,
        feed: &TenantFeed,
        until: Timestamp,
    ) -> Result<Option<Version>, StoreError>;

    /// Writes what a tenant's row says of its types, if its version is still the one in `feed`,
    /// and ends the claim. When a run looks at the tenant stays as it is, whatever `feed` says.
    async fn put_types(&self, feed: &TenantFeed) -> Result<Write, StoreError>;

    /// The windows of a type that workers took, strongly consistent. A row that cannot be read is
    /// passed over with a line in the log: its claim ends.
    async fn windows(
        &self,
        tenant: TenantId,
        content_type: ContentType,
    ) -> Result<Vec<WindowRow>, StoreError>;

    /// Makes the row of a window that was handed out, if no worker has: one of those that meet
    /// does it.
    async fn take_window(&self, row: &WindowRow) -> Result<Write, StoreError>;

    /// Writes what became of a window that was taken, once.
    async fn finish_window(&self, row: &WindowRow) -> Result<Write, StoreError>;

    /// Writes a tenant's row as [`Ledger::put_feed`](super::Ledger::put_feed) does, and deletes
    /// these rows of windows, whose outcomes it counts: in one transaction, so that none is
    /// counted twice. 90 rows at most.
    async fn take_over(&self, feed: &TenantFeed, done: &[WindowRow]) -> Result<Write, StoreError>;
}
