//! Caller keys (the ports `CallerKeys` and `CallerKeyBook`): one item each.

use async_trait::async_trait;
use auth::Timestamp;
use auth::caller::{CallerName, KeyHash, StoredKey};
use auth::ports::{CallerKeyBook, CallerKeys, KeyList, StoreError, Write};

use super::attributes::readable;
use super::capacity::Operation;
use super::change::Condition;
use super::control::ControlTable;
use super::items::caller_key;
use super::keys::MARK;

#[async_trait]
impl CallerKeys for ControlTable {
    async fn find_key(&self, name: &CallerName) -> Result<Option<StoredKey>, StoreError> {
        let key = caller_key::key(name);
        let item = self.0.get_item(key, Operation::FindKey, true).await?;
        item.as_ref().map(caller_key::read).transpose()
    }

    async fn touch_key(&self, read: &StoredKey, at: Timestamp) -> Result<Write, StoreError> {
        let used = caller_key::used(at, &self.0.new_version());
        let used = used.on(Condition::version(&read.version));
        // Whether it was our own first attempt that noted it does not matter: it is noted.
        let key = caller_key::key(&read.name);
        self.0
            .update_item(key, used, None, Operation::TouchKey)
            .await
    }
}

#[async_trait]
impl CallerKeyBook for ControlTable {
    async fn add_key(
        &self,
        name: &CallerName,
        hash: &KeyHash,
        created_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let (version, mark) = (self.0.new_version(), self.0.unique());
        let item = caller_key::write(name, hash, created_at, &version, &mark);
        let ours = Some((MARK, mark.as_str()));
        let write = self
            .0
            .put_item(item, Condition::Absent, ours, Operation::AddKey);
        Ok(write.await? == Write::Done)
    }

    async fn list_keys(&self) -> Result<KeyList, StoreError> {
        let all = self.0.partition(caller_key::PARTITION);
        let rows = self.0.every_row(all, Operation::ListKeys).await?;
        let (keys, damaged) = readable(&rows, caller_key::read);
        Ok(KeyList { keys, damaged })
    }

    async fn remove_key(&self, name: &CallerName) -> Result<bool, StoreError> {
        let key = caller_key::key(name);
        let write = self
            .0
            .delete_item(key, Condition::Present, Operation::RemoveKey);
        Ok(write.await? == Write::Done)
    }
}
