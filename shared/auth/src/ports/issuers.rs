//! Callers' issuers: where the list is kept, and which of them hold now.

use std::sync::Arc;

use async_trait::async_trait;

use super::store::{StoreError, Write};
use crate::caller::AllowedIssuers;
use crate::issuers::StoredIssuers;

/// Reads the stored list of issuers.
///
/// Failure policy: a reader that has a list keeps it for a limited time, and then takes no
/// token; one that has none takes no token.
#[async_trait]
pub trait IssuerSource: Send + Sync {
    /// What is stored now; `None` where no list was ever put. Strongly consistent: it is asked
    /// once a minute, and must not go back to an older list.
    async fn current_issuers(&self) -> Result<Option<StoredIssuers>, StoreError>;
}

/// Replaces the stored list of issuers: the operator's part.
///
/// Failure policy: a [`StoreError`] leaves the list as it was.
#[async_trait]
pub trait IssuerStore: IssuerSource {
    /// Puts `issuers` if what is stored has the version right before it: nothing at all for
    /// version 1. Else another operator was faster, and nothing is written.
    async fn put_issuers(&self, issuers: &StoredIssuers) -> Result<Write, StoreError>;
}

/// Says which issuers' tokens are taken.
///
/// Failure policy: fails closed. `None` where it is not known: no issuer's token is taken.
#[async_trait]
pub trait IssuersInForce: Send + Sync {
    /// The issuers as they hold now. The same list comes as the same `Arc`.
    async fn in_force(&self) -> Option<Arc<AllowedIssuers>>;
}
