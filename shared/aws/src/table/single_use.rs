//! Marks of things that may be used once (the port `SingleUse`).

use std::time::Duration;

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{SingleUse, StoreError};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

use super::change::Condition;
use super::item::{text, time};
use super::{Item, Operation, Table, Units, keys};

/// How long after its thing's own end a mark is kept. DynamoDB deletes by the real
/// clock and within days, so this decides nothing: until it goes a mark refuses,
/// and when it goes the thing has expired by itself.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

#[async_trait]
impl SingleUse for Table {
    async fn use_once(&self, id: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
        let mark = self.unique();
        let mut item = keys::once(id);
        item.insert(keys::MARK.into(), text(&mark));
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
            Err(error) => match found(&error) {
                Some(found) => Ok(is_ours(found, &mark)),
                None => Err(self.failed(Operation::UseOnce, &error)),
            },
        }
    }
}

/// What was there already, when that is why the write was refused.
fn found<R>(error: &SdkError<PutItemError, R>) -> Option<Option<&Item>> {
    match error.as_service_error()? {
        PutItemError::ConditionalCheckFailedException(refused) => Some(refused.item()),
        _ => None,
    }
}

/// The SDK sends a request again when its answer was lost; the second attempt then
/// finds what the first one wrote. Nobody else has the mark.
fn is_ours(found: Option<&Item>, mark: &str) -> bool {
    let found = found.and_then(|item| item.get(keys::MARK));
    found.is_some_and(|found| found.as_s().is_ok_and(|found| found == mark))
}
