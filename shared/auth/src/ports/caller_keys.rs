//! Caller keys. What a function needs of them and what an operator does with them are
//! two ports: a function can neither make nor list keys.

use async_trait::async_trait;

use super::store::{StoreError, Write};
use crate::caller::{CallerName, KeyHash, StoredKey};
use crate::timestamp::Timestamp;

/// The caller keys of the table, for whoever checks one.
///
/// Failure policy: a [`StoreError`] proves nobody.
#[async_trait]
pub trait CallerKeys: Send + Sync {
    /// The key of this name; `None` when there is none, or none any more. Strongly
    /// consistent.
    async fn find_key(&self, name: &CallerName) -> Result<Option<StoredKey>, StoreError>;

    /// Notes a use of the key that was read. One that was removed meanwhile stays away.
    async fn touch_key(&self, read: &StoredKey, at: Timestamp) -> Result<Write, StoreError>;
}

/// All caller keys.
#[derive(Debug, Clone, Default)]
pub struct KeyList {
    /// Those that can be read.
    pub keys: Vec<StoredKey>,
    /// The rows that cannot, each a [`StoreError::Damaged`]: they hide no other.
    pub damaged: Vec<StoreError>,
}

/// The caller keys of the table, for the operator.
///
/// Failure policy: a [`StoreError`] leaves the table as it was.
#[async_trait]
pub trait CallerKeyBook: Send + Sync {
    /// Keeps a new key; `false` when the name has one, which then stays.
    async fn add_key(
        &self,
        name: &CallerName,
        hash: &KeyHash,
        created_at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// All keys, in the order of their names. Strongly consistent.
    async fn list_keys(&self) -> Result<KeyList, StoreError>;

    /// Deletes the key of this name; `false` when there is none.
    async fn remove_key(&self, name: &CallerName) -> Result<bool, StoreError>;
}
