//! Writes that happen together or not at all (TransactWriteItems).

use auth::event::Event;
use auth::ports::{StoreError, Write};
use auth::version::Version;
use auth::{Tenant, TenantId};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, Delete, Put, TransactWriteItem, Update};

use feed::ledger::TenantFeed;

use super::attributes::{Reader, text};
use super::capacity::Operation;
use super::change::{Change, Condition};
use super::items::{event, tenant, token};
use super::keys::{self, Item};
use super::outbox_parts::OutboxOf;
use super::requests::Table;

/// No item has it.
const NEVER_READ: Version = Version(String::new());

/// Writes under way. The builders of the SDK check at run time what is always given
/// here; what they refuse is kept until the transaction is sent.
pub(super) struct Transaction<'a> {
    table: &'a Table,
    operation: Operation,
    items: Vec<TransactWriteItem>,
    /// The shards of the outbox that it puts events into.
    events: Vec<(OutboxOf, u32)>,
    incomplete: bool,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(table: &'a Table, operation: Operation) -> Self {
        Self {
            table,
            operation,
            items: Vec::new(),
            events: Vec::new(),
            incomplete: false,
        }
    }

    /// Writes `after` where the table still holds `before`, and the event of this change, if it
    /// is a transition. This is what fences the whole transaction: each change of a tenant's
    /// records changes its version.
    pub(super) fn tenant(self, before: Option<&Tenant>, after: &Tenant) -> Self {
        let as_read = match before {
            // Fails closed because no item has the empty version: what was never read from the
            // table cannot be changed there.
            Some(before) => Condition::version(before.version.as_ref().unwrap_or(&NEVER_READ)),
            None => Condition::Absent,
        };
        let change = tenant::write(after, &self.table.new_version());
        let written = self.update(tenant::key(after.id), change, as_read);
        match Event::of_change(before, after) {
            Some(event) => written.event(OutboxOf::Tenants, &event),
            None => written,
        }
    }

    /// Puts an event into the outbox. The transaction is fenced by what the event is about, so
    /// that it needs no condition of its own.
    pub(super) fn event(mut self, of: OutboxOf, event: &Event) -> Self {
        let shard = of.shard(event);
        self.events.push((of, shard));
        self.put(event::new(of, shard, event), Condition::Always)
    }

    /// Puts the events of an audit log, which its row fences.
    pub(super) fn events_of(self, feed: &TenantFeed) -> Self {
        let events = feed.events.iter();
        events.fold(self, |transaction, event| {
            transaction.event(OutboxOf::Feeds, event)
        })
    }

    pub(super) fn put(self, item: Item, condition: Condition) -> Self {
        let expressions = condition.expressions();
        let put = Put::builder()
            .table_name(&self.table.name)
            .set_item(Some(item))
            .set_condition_expression(expressions.condition)
            .set_expression_attribute_names(expressions.names)
            .set_expression_attribute_values(expressions.values)
            .build();
        let item = put.map(|put| TransactWriteItem::builder().put(put).build());
        self.with(item.ok())
    }

    pub(super) fn update(self, key: Item, change: Change, condition: Condition) -> Self {
        let expressions = change.on(condition);
        let update = Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(key))
            .set_update_expression(expressions.update)
            .set_condition_expression(expressions.condition)
            .set_expression_attribute_names(expressions.names)
            .set_expression_attribute_values(expressions.values)
            .build();
        let item = update.map(|update| TransactWriteItem::builder().update(update).build());
        self.with(item.ok())
    }

    pub(super) fn delete(self, key: Item, condition: Condition) -> Self {
        let expressions = condition.expressions();
        let delete = Delete::builder()
            .table_name(&self.table.name)
            .set_key(Some(key))
            .set_condition_expression(expressions.condition)
            .set_expression_attribute_names(expressions.names)
            .set_expression_attribute_values(expressions.values)
            .build();
        let item = delete.map(|delete| TransactWriteItem::builder().delete(delete).build());
        self.with(item.ok())
    }

    fn with(mut self, item: Option<TransactWriteItem>) -> Self {
        self.incomplete |= item.is_none();
        self.items.extend(item);
        self
    }

    /// Sends it. The request token makes the SDK's own retries one transaction: an
    /// attempt whose answer was lost is not taken for somebody else's write.
    pub(super) async fn write(self) -> Result<Write, StoreError> {
        if self.incomplete {
            unreachable!("a transaction's item without its table or key");
        }
        let answer = self
            .table
            .client
            .transact_write_items()
            .set_transact_items(Some(self.items))
            .client_request_token(self.table.unique())
            .return_consumed_capacity(self.table.capacity_wanted())
            .send()
            .await;
        match answer {
            Ok(done) => {
                self.table.written.note(&self.events);
                Ok(self.table.written(self.operation, done.consumed_capacity()))
            }
            Err(error) => match canceled(self.operation, &error) {
                Some(outcome) => outcome,
                None => Err(self.table.failed(self.operation, &error)),
            },
        }
    }
}

/// What a cancelled transaction means; `None` when it failed in another way.
///
/// `TransactionConflict` says that another write on one of the items was under way, so
/// that ours was refused as a whole. Nothing is written, which is what `Stale`
/// promises: who reads again sees the outcome of the other or may try once more.
fn canceled<R>(
    operation: Operation,
    error: &SdkError<TransactWriteItemsError, R>,
) -> Option<Result<Write, StoreError>> {
    use TransactWriteItemsError::TransactionCanceledException as Canceled;
    let Canceled(canceled) = error.as_service_error()? else {
        return None;
    };
    let reasons = canceled.cancellation_reasons().iter();
    let codes: Vec<_> = reasons.filter_map(CancellationReason::code).collect();
    let is = |wanted: &[&str]| codes.iter().any(|code| wanted.contains(code));
    let operation = operation.as_str();
    Some(if is(&["ConditionalCheckFailed", "TransactionConflict"]) {
        Ok(Write::Stale)
    } else if is(&["ThrottlingError", "ProvisionedThroughputExceeded"]) {
        let text = format!("{operation}: the transaction was throttled");
        Err(StoreError::Throttled(text))
    } else {
        let text = format!("{operation}: the transaction was refused: an item is invalid");
        Err(StoreError::Damaged(text))
    })
}

impl Table {
    /// The sort keys of a tenant's token records; strongly consistent. Together with
    /// a write that is fenced by the tenant's version nothing slips in between.
    pub(super) async fn token_sorts(
        &self,
        tenant: TenantId,
        operation: Operation,
    ) -> Result<Vec<String>, StoreError> {
        let of_tokens = self
            .partition(keys::partition(tenant))
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
            .projection_expression("#pk, #sk")
            .expression_attribute_names("#sk", keys::SK)
            .expression_attribute_values(":prefix", text(token::PREFIX));
        let rows = self.every_row(of_tokens, operation).await?;
        let sort = |row| Ok(Reader::of_key(row).text(keys::SK)?.to_owned());
        rows.iter().map(sort).collect()
    }
}
