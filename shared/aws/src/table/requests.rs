//! The table, and the requests that its ports are made of: one item written or read, one page
//! of a query. Each reports what it consumed, and turns the SDK's errors into the port's.

use std::fmt;
use std::sync::Arc;

use auth::encoding::base64url;
use auth::ports::{Random, StoreError, Write};
use auth::version::Version;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder as Query;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    ConsumedCapacity, ReturnConsumedCapacity,
    ReturnValuesOnConditionCheckFailure as FoundWhenRefused,
};

use super::attributes::text;
use super::capacity::{self, CapacityMeter, Operation, Units};
use super::change::{Condition, Expressions};
use super::errors;
use super::keys::{self, Item};
use super::outbox_parts::Written;

/// Random bytes of a version: 16 characters in base64url.
const VERSION_BYTES: usize = 12;

/// An attribute that a write sets to text that no other writer has. The SDK sends a request
/// again when its answer was lost: the second attempt is refused by what the first one wrote,
/// and finds this in it.
pub(super) type Ours<'a> = Option<(&'static str, &'a str)>;

/// The table of tenants, their tokens and what is used once. Cheap to clone.
#[derive(Clone)]
pub struct Table {
    pub(super) client: Client,
    pub(super) name: String,
    /// The variable that names it.
    variable: &'static str,
    pub(super) random: Arc<dyn Random>,
    meter: Option<Arc<dyn CapacityMeter>>,
    /// Into which shards of the outbox this process has put events.
    pub(super) written: Arc<Written>,
}

impl Table {
    /// The table called `name`; `random` makes versions.
    pub fn new(client: Client, name: impl Into<String>, random: Arc<dyn Random>) -> Self {
        Self {
            client,
            name: name.into(),
            variable: "TABLE_NAME",
            random,
            meter: None,
            written: Arc::default(),
        }
    }

    /// The same requests on the table that another variable names.
    pub(super) fn named_by(self, variable: &'static str) -> Self {
        Self { variable, ..self }
    }

    /// Reports to `meter` what each request consumed.
    pub fn with_meter(mut self, meter: Arc<dyn CapacityMeter>) -> Self {
        self.meter = Some(meter);
        self
    }

    /// Whether the table answers: half a read unit, on a key that does not exist.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.get_item(keys::nothing(), Operation::Ping, false)
            .await?;
        Ok(())
    }

    /// Reads one item.
    pub(super) async fn get_item(
        &self,
        key: Item,
        operation: Operation,
        consistent: bool,
    ) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key))
            .consistent_read(consistent)
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await
            .map_err(|error| self.failed(operation, &error))?;
        self.consumed(operation, Units::Read, answer.consumed_capacity.as_slice());
        Ok(answer.item)
    }

    /// Writes one item whole.
    pub(super) async fn put_item(
        &self,
        item: Item,
        condition: Condition,
        ours: Ours<'_>,
        operation: Operation,
    ) -> Result<Write, StoreError> {
        let expressions = condition.expressions();
        let answer = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .set_condition_expression(expressions.condition)
            .set_expression_attribute_names(expressions.names)
            .set_expression_attribute_values(expressions.values)
            .set_return_values_on_condition_check_failure(ours.map(|_| FoundWhenRefused::AllOld))
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await;
        match answer {
            Ok(done) => Ok(self.written(operation, done.consumed_capacity.as_slice())),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(refused_by(refused.item(), ours))
                }
                _ => Err(self.failed(operation, &error)),
            },
        }
    }

    /// Writes one item in part. A conflict with a transaction that is under way is `Stale`
    /// too: nothing was written, and who reads again sees how that transaction ended.
    pub(super) async fn update_item(
        &self,
        key: Item,
        expressions: Expressions,
        ours: Ours<'_>,
        operation: Operation,
    ) -> Result<Write, StoreError> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key))
            .set_update_expression(expressions.update)
            .set_condition_expression(expressions.condition)
            .set_expression_attribute_names(expressions.names)
            .set_expression_attribute_values(expressions.values)
            .set_return_values_on_condition_check_failure(ours.map(|_| FoundWhenRefused::AllOld))
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await;
        match answer {
            Ok(done) => Ok(self.written(operation, done.consumed_capacity.as_slice())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(refused_by(refused.item(), ours))
                }
                Some(UpdateItemError::TransactionConflictException(_)) => Ok(Write::Stale),
                _ => Err(self.failed(operation, &error)),
            },
        }
    }

    /// Deletes one item.
    pub(super) async fn delete_item(
        &self,
        key: Item,
        condition: Condition,
        operation: Operation,
    ) -> Result<Write, StoreError> {
        let expressions = condition.expressions();
        let answer = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key))
            .set_condition_expression(expressions.condition)
            .set_expression_attribute_names(expressions.names)
            .set_expression_attribute_values(expressions.values)
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await;
        match answer {
            Ok(done) => Ok(self.written(operation, done.consumed_capacity.as_slice())),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(Write::Stale),
                _ => Err(self.failed(operation, &error)),
            },
        }
    }

    /// One page of a query: its rows, and the key to go on from.
    pub(super) async fn page(
        &self,
        query: Query,
        from: Option<Item>,
        operation: Operation,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let page = query
            .table_name(&self.name)
            .set_exclusive_start_key(from)
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await
            .map_err(|error| self.failed(operation, &error))?;
        self.consumed(operation, Units::Read, page.consumed_capacity.as_slice());
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// Every row of a query, page by page; strongly consistent.
    pub(super) async fn every_row(
        &self,
        query: Query,
        operation: Operation,
    ) -> Result<Vec<Item>, StoreError> {
        let query = query.consistent_read(true);
        let (mut rows, mut from) = (Vec::new(), None);
        loop {
            let (page, last) = self.page(query.clone(), from, operation).await?;
            rows.extend(page);
            from = last;
            if from.is_none() {
                return Ok(rows);
            }
        }
    }

    /// The query for a partition.
    pub(super) fn partition(&self, pk: impl ToString) -> Query {
        self.client
            .query()
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_values(":pk", text(pk))
    }

    /// Text that no other writer has.
    pub(super) fn unique(&self) -> String {
        let mut bytes = [0u8; VERSION_BYTES];
        self.random.fill(&mut bytes);
        base64url(&bytes)
    }

    pub(super) fn new_version(&self) -> Version {
        Version(self.unique())
    }

    pub(super) fn capacity_wanted(&self) -> ReturnConsumedCapacity {
        match self.meter {
            Some(_) => ReturnConsumedCapacity::Total,
            None => ReturnConsumedCapacity::None,
        }
    }

    pub(super) fn consumed(
        &self,
        operation: Operation,
        units: Units,
        capacities: &[ConsumedCapacity],
    ) {
        if let Some(meter) = &self.meter {
            for capacity in capacities {
                meter.consumed(&capacity::read(operation, units, capacity));
            }
        }
    }

    /// A write that was done, and what it consumed.
    pub(super) fn written(&self, operation: Operation, consumed: &[ConsumedCapacity]) -> Write {
        self.consumed(operation, Units::Write, consumed);
        Write::Done
    }

    /// What a failed request means to the caller of the port.
    pub(super) fn failed<E: ProvideErrorMetadata>(
        &self,
        operation: Operation,
        error: &SdkError<E, HttpResponse>,
    ) -> StoreError {
        errors::failed(&self.name, self.variable, operation, error)
    }
}

/// What became of a write that was refused by what it found.
fn refused_by(found: Option<&Item>, ours: Ours<'_>) -> Write {
    let is_ours = |(name, value)| {
        let found = found.and_then(|item| item.get(name));
        found
            .and_then(|found| found.as_s().ok())
            .is_some_and(|found| found == value)
    };
    if ours.is_some_and(is_ours) {
        Write::Done
    } else {
        Write::Stale
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
