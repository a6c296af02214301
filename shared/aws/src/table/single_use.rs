//! Marks of things that may be used once (the port `SingleUse`).

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{SingleUse, StoreError, Write};

use super::capacity::Operation;
use super::change::Condition;
use super::items::used_once;
use super::keys::MARK;
use super::requests::Table;

#[async_trait]
impl SingleUse for Table {
    async fn use_once(&self, id: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
        let mark = self.unique();
        let item = used_once::write(id, expires_at, &mark);
        let ours = Some((MARK, mark.as_str()));
        let write = self.put_item(item, Condition::Absent, ours, Operation::UseOnce);
        Ok(write.await? == Write::Done)
    }

    async fn was_used(&self, id: &str) -> Result<bool, StoreError> {
        let key = used_once::key(id);
        let item = self.get_item(key, Operation::WasUsed, true).await?;
        Ok(item.is_some())
    }
}
