//! Caller keys (the ports `CallerKeys` and `CallerKeyBook`): one item each, all of one
//! partition, so that the operator's list is a query. The item holds the key's SHA-256
//! and never the key.

use async_trait::async_trait;
use auth::Timestamp;
use auth::caller::{CallerName, KeyHash, StoredKey};
use auth::ports::{CallerKeyBook, CallerKeys, KeyList, StoreError, Write};
use auth::version::Version;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValue;

use super::change::{Change, Condition};
use super::item::{Reader, bytes, readable, text, time};
use super::{Item, Operation, Query, Table, Units, keys};

#[async_trait]
impl CallerKeys for Table {
    async fn find_key(&self, name: &CallerName) -> Result<Option<StoredKey>, StoreError> {
        let key = keys::caller_key(name);
        let item = self.get(key, Operation::FindKey, true).await?;
        item.as_ref().map(read).transpose()
    }

    async fn touch_key(&self, read: &StoredKey, at: Timestamp) -> Result<Write, StoreError> {
        let condition = Condition::Version(&read.version).expression();
        let change = Change::default()
            .set(keys::LAST_USED_AT, time(at))
            .set(keys::VERSION, text(self.unique()))
            .expression(&condition);
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys::caller_key(&read.name)))
            .update_expression(change.text)
            .condition_expression(condition.text)
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values))
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await;
        match answer {
            Ok(done) => {
                let consumed = done.consumed_capacity.as_slice();
                self.consumed(Operation::TouchKey, Units::Write, consumed);
                Ok(Write::Done)
            }
            Err(error) => match error.as_service_error() {
                // Perhaps by our own first attempt, whose answer was lost: noted it is.
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(Write::Stale),
                _ => Err(self.failed(Operation::TouchKey, &error)),
            },
        }
    }
}

#[async_trait]
impl CallerKeyBook for Table {
    async fn add_key(
        &self,
        name: &CallerName,
        hash: &KeyHash,
        created_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut item = keys::caller_key(name);
        item.insert(keys::HASH.into(), bytes(hash.as_bytes().to_vec()));
        item.insert(keys::CREATED_AT.into(), time(created_at));
        item.insert(keys::VERSION.into(), text(self.unique()));
        self.insert_new(item, Operation::AddKey).await
    }

    async fn list_keys(&self) -> Result<KeyList, StoreError> {
        let of_callers = |query: Query| {
            query
                .key_condition_expression("#pk = :pk")
                .expression_attribute_names("#pk", keys::PK)
                .expression_attribute_values(":pk", text(keys::CALLERS))
        };
        let rows = self.every_row(of_callers, Operation::ListKeys).await?;
        let (keys, damaged) = readable(&rows, read);
        Ok(KeyList { keys, damaged })
    }

    async fn remove_key(&self, name: &CallerName) -> Result<bool, StoreError> {
        let done = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(keys::caller_key(name)))
            .return_values(ReturnValue::AllOld)
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await;
        let done = done.map_err(|error| self.failed(Operation::RemoveKey, &error))?;
        let consumed = done.consumed_capacity.as_slice();
        self.consumed(Operation::RemoveKey, Units::Write, consumed);
        Ok(done.attributes.is_some_and(|before| !before.is_empty()))
    }
}

pub(super) fn read(item: &Item) -> Result<StoredKey, StoreError> {
    let reader = Reader(item);
    let name = keys::parse_caller_key_sort(reader.text(keys::SK)?);
    let hash = reader.optional_bytes(keys::HASH)?;
    let hash = hash.and_then(|bytes| bytes.try_into().ok());
    Ok(StoredKey {
        name: name.ok_or_else(|| reader.unreadable(keys::SK))?,
        hash: KeyHash::from_bytes(hash.ok_or_else(|| reader.unreadable(keys::HASH))?),
        created_at: reader.time(keys::CREATED_AT)?,
        last_used_at: reader.optional_time(keys::LAST_USED_AT)?,
        version: Version(reader.text(keys::VERSION)?.to_owned()),
    })
}
