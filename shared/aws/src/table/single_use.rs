//! Marks of things that may be used once (the port `SingleUse`).

use std::time::Duration;

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{SingleUse, StoreError};

use super::item::time;
use super::{Operation, Table, keys};

/// How long after its thing's own end a mark is kept. DynamoDB deletes by the real
/// clock and within days, so this decides nothing: until it goes a mark refuses,
/// and when it goes the thing has expired by itself.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

#[async_trait]
impl SingleUse for Table {
    async fn use_once(&self, id: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
        let mut item = keys::once(id);
        item.insert(keys::TTL.into(), time(expires_at + KEPT_AFTER_EXPIRY));
        self.insert_new(item, Operation::UseOnce).await
    }

    async fn was_used(&self, id: &str) -> Result<bool, StoreError> {
        let item = self.get(keys::once(id), Operation::WasUsed, true).await?;
        Ok(item.is_some())
    }
}
