//! Where policy texts are kept: the one in force, and beside it a candidate.

use async_trait::async_trait;

use super::store::{StoreError, Write};
use crate::policy::{CandidatePolicy, StoredPolicy};

/// What one read of the store finds.
#[derive(Debug, Clone)]
pub struct StoredPolicies {
    /// `None` where none was ever put, or it was taken away.
    pub in_force: Option<StoredPolicy>,
    /// Fails apart from the text in force: a damaged candidate costs no caller an answer.
    pub candidate: Result<Option<CandidatePolicy>, StoreError>,
}

/// Reads the policy texts.
///
/// Failure policy: a reader that has a text keeps it for a limited time, and then decides
/// nothing; one that has none decides nothing.
#[async_trait]
pub trait PolicySource: Send + Sync {
    /// What is stored now. Strongly consistent: it is asked once a minute, and must not go
    /// back to an older text.
    async fn current(&self) -> Result<StoredPolicies, StoreError>;
}

/// Replaces the policy texts: the operator's part.
///
/// Failure policy: a [`StoreError`] leaves the texts as they were.
#[async_trait]
pub trait PolicyStore: PolicySource {
    /// Puts `policy` in force if what is stored has the version right before it: nothing at
    /// all for version 1. Else somebody was faster, and nothing is written. The text that it
    /// replaces is kept, by the same write.
    async fn put(&self, policy: &StoredPolicy) -> Result<Write, StoreError>;

    /// The texts that were replaced, the newest first.
    async fn replaced(&self) -> Result<Vec<StoredPolicy>, StoreError>;

    /// Writes the candidate, in the place of any other.
    async fn put_candidate(&self, candidate: &CandidatePolicy) -> Result<(), StoreError>;

    /// Removes the candidate: any, or the one with this digest alone.
    /// [`Stale`](Write::Stale) where there is none to remove.
    async fn drop_candidate(&self, digest: Option<&str>) -> Result<Write, StoreError>;
}
