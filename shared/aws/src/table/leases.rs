//! Leases as small items of their own (the port `Leases`): one write unit to take one,
//! one to give it back. Given back, not deleted: no function may delete a lease.

use std::time::Duration;

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{Lease, Leases, StoreError};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

use super::item::{text, time};
use super::{Operation, Table, Units, keys, mark};

/// DynamoDB deletes by the real clock and within days, so this decides nothing: it
/// keeps the leases of processes that died from staying for ever.
const KEPT_AFTER_END: Duration = Duration::from_secs(24 * 60 * 60);

#[async_trait]
impl Leases for Table {
    async fn take(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let holder = self.unique();
        let mut item = keys::lease(name);
        item.insert(keys::MARK.into(), text(&holder));
        item.insert(keys::UNTIL.into(), time(until));
        item.insert(keys::TTL.into(), time(until + KEPT_AFTER_END));
        let answer = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(#until) OR #until <= :now")
            .expression_attribute_names("#until", keys::UNTIL)
            .expression_attribute_values(":now", time(now))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await;
        let taken = match answer {
            Ok(done) => {
                let consumed = done.consumed_capacity.as_slice();
                self.consumed(Operation::TakeLease, Units::Write, consumed);
                true
            }
            Err(error) => match mark::found(&error) {
                Some(item) => mark::is_ours(item, &holder),
                None => return Err(self.failed(Operation::TakeLease, &error)),
            },
        };
        let name = name.to_owned();
        Ok(taken.then_some(Lease { name, holder }))
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys::lease(&lease.name)))
            .update_expression("SET #until = :over")
            .condition_expression("#mark = :mark")
            .expression_attribute_names("#until", keys::UNTIL)
            .expression_attribute_names("#mark", keys::MARK)
            .expression_attribute_values(":over", time(Timestamp::from_unix(0)))
            .expression_attribute_values(":mark", text(&lease.holder))
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await;
        match answer {
            Ok(done) => {
                let consumed = done.consumed_capacity.as_slice();
                self.consumed(Operation::ReleaseLease, Units::Write, consumed);
                Ok(())
            }
            Err(error) if is_lost(&error) => Ok(()),
            Err(error) => Err(self.failed(Operation::ReleaseLease, &error)),
        }
    }
}

fn is_lost<R>(error: &SdkError<UpdateItemError, R>) -> bool {
    matches!(
        error.as_service_error(),
        Some(UpdateItemError::ConditionalCheckFailedException(_))
    )
}
