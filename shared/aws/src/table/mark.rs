//! Items that are put where there is none, and whose an item is that such a put found in its
//! place: each put carries a mark that nobody else has.

use auth::ports::StoreError;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

use super::change::Condition;
use super::item::text;
use super::{Item, Operation, Table, Units, keys};

impl Table {
    /// Puts `item` where there is none; `false` where somebody else's is there already.
    pub(super) async fn insert_new(
        &self,
        mut item: Item,
        operation: Operation,
    ) -> Result<bool, StoreError> {
        let ours = self.unique();
        item.insert(keys::MARK.into(), text(&ours));
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
                self.consumed(operation, Units::Write, consumed);
                Ok(true)
            }
            Err(error) => match found(&error) {
                Some(found) => Ok(is_ours(found, &ours)),
                None => Err(self.failed(operation, &error)),
            },
        }
    }
}

/// What was there already, when that is why the put was refused.
pub(super) fn found<R>(error: &SdkError<PutItemError, R>) -> Option<Option<&Item>> {
    match error.as_service_error()? {
        PutItemError::ConditionalCheckFailedException(refused) => Some(refused.item()),
        _ => None,
    }
}

/// The SDK sends a request again when its answer was lost; the second attempt then
/// finds what the first one wrote. Nobody else has the mark.
pub(super) fn is_ours(found: Option<&Item>, mark: &str) -> bool {
    let found = found.and_then(|item| item.get(keys::MARK));
    found.is_some_and(|found| found.as_s().is_ok_and(|found| found == mark))
}
