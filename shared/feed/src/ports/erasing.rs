//! Deleting what is stored of a tenant, for good. For the operator alone: no function's role may
//! do any of it.

use async_trait::async_trait;
use auth::TenantId;
use auth::ports::{StoreError, Write};

use super::ObjectError;
use crate::content_type::ContentType;
use crate::ledger::TenantFeed;

/// One version of an object, or the mark that someone deleted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// Its key, below the prefix of the setting.
    pub key: String,
    /// Which version; `null` in a store that keeps none.
    pub version: String,
    /// Bytes; `None` of a mark.
    pub size: Option<u64>,
}

/// Where a list of versions goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AfterVersion {
    /// After this key, below the prefix of the setting.
    pub key: String,
    /// And after this version of it, where there is one.
    pub version: Option<String>,
}

/// Some versions, in the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionPage {
    /// Them.
    pub versions: Vec<StoredVersion>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<AfterVersion>,
}

/// The most versions that are listed or deleted in one request (S3 API reference, DeleteObjects).
pub const MOST_VERSIONS: u16 = 1_000;

/// The objects with all their versions.
///
/// Failure policy: an error says nothing of what was deleted before it; doing it again is harmless.
#[async_trait]
pub trait StoredVersions: Send + Sync {
    /// Up to `most` versions of the objects whose keys begin with `below`; [`MOST_VERSIONS`] at
    /// most.
    async fn versions(
        &self,
        below: &str,
        after: Option<&AfterVersion>,
        most: u16,
    ) -> Result<VersionPage, ObjectError>;

    /// Deletes these for good, [`MOST_VERSIONS`] at most; one that is gone counts as deleted. Of
    /// each that the store keeps (a lock, a missing permission) its code.
    async fn erase(&self, versions: &[StoredVersion]) -> Result<Vec<String>, ObjectError>;
}

/// The rows of the ledger.
///
/// Failure policy: a [`StoreError`] says nothing of what was deleted before it; doing it again is
/// harmless.
#[async_trait]
pub trait LedgerErasure: Send + Sync {
    /// Deletes every row below a tenant's type, whatever it says and whether or not it can be
    /// read; how many there were.
    async fn erase_batches(
        &self,
        tenant: TenantId,
        content_type: ContentType,
    ) -> Result<u64, StoreError>;

    /// Deletes the row of a tenant, if its version is still the one in `feed`.
    async fn erase_feed(&self, feed: &TenantFeed) -> Result<Write, StoreError>;
}
