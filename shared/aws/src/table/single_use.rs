//! Marks of things that may be used once (the port `SingleUse`).

use std::time::Duration;

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{SingleUse, StoreError};
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

use super::change::Condition;
use super::item::{text, time};
use super::{Operation, Table, Units, keys, mark};

/// How long after its thing's own end a mark is kept. DynamoDB deletes by the real
/// clock and within days, so this decides nothing: until it goes a mark refuses,
/// and when it goes the thing has expired by itself.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

#[async_trait]
impl SingleUse for Table {
    async fn use_once(&self, id: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
        let ours = self.unique();
        let mut item = keys::once(id);
        item.insert(keys::MARK.into(), text(&ours));
        item.insert(keys::TTL.into(), time(expires_at + KEPT_AFTER_EXPIRY));
        let absent = Condition::Absent.expression();
        let answer = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(absent.text)
            .set_expression_attribute_names(Some(absent.names))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await;
        match answer {
            Ok(done) => {
                let consumed = done.consumed_capacity.as_slice();
                self.consumed(Operation::UseOnce, Units::Write, consumed);
                Ok(true)
            }
            Err(error) => match mark::found(&error) {
                Some(found) => Ok(mark::is_ours(found, &ours)),
                None => Err(self.failed(Operation::UseOnce, &error)),
            },
        }
    }

    async fn was_used(&self, id: &str) -> Result<bool, StoreError> {
        let item = self.get(keys::once(id), Operation::WasUsed, true).await?;
        Ok(item.is_some())
    }
}
