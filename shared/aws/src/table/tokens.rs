//! The sealed tokens of the table (the port `TokenStore`): the table with what seals.
//! Every write is fenced by the version that was read.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::{Clock, SecretError, Settlement, StoreError, TokenStore, Write};
use auth::token::TokenRecord;
use auth::version::Version;
use auth::{ClientId, Resource, Tenant, TenantId, Timestamp};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

use super::change::{Change, Condition};
use super::item::{Reader, bytes, number, numbers, readable, text, time};
use super::ring::{LiveRing, RingSource};
use super::sealer::Sealer;
use super::token_item;
use super::transaction::{Transaction, follow};
use super::{Item, Operation, Query, Table, Units, keys};

/// The table with the ring that seals its tokens.
pub struct SealedTokens {
    table: Table,
    sealer: Sealer,
}

impl SealedTokens {
    /// Reads the ring from `source`. `client_id`: the application that the tokens were
    /// given to; tokens of another one do not open.
    pub async fn load(
        table: Table,
        source: RingSource,
        client_id: ClientId,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SecretError> {
        let ring = LiveRing::load(source, clock).await?;
        let sealer = Sealer::new(ring, client_id, Arc::clone(&table.random));
        Ok(Self { table, sealer })
    }

    /// Reads the ring again after `max_age` (`SECRET_MAX_AGE_SECONDS`).
    pub fn reading_ring_after(mut self, max_age: Duration) -> Self {
        self.sealer.read_ring_again_after(max_age);
        self
    }
}

#[async_trait]
impl TokenStore for SealedTokens {
    async fn read(
        &self,
        tenant: TenantId,
        resource: &Resource,
    ) -> Result<Option<TokenRecord>, StoreError> {
        self.record(tenant, resource, false).await
    }

    async fn read_latest(
        &self,
        tenant: TenantId,
        resource: &Resource,
    ) -> Result<Option<TokenRecord>, StoreError> {
        self.record(tenant, resource, true).await
    }

    async fn due(
        &self,
        shard: u32,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, Resource)>, StoreError> {
        let until_now = |query: Query| {
            query
                .key_condition_expression("#shard = :shard AND #at <= :now")
                .expression_attribute_names("#at", keys::REFRESH_AT)
                .expression_attribute_values(":now", time(now))
        };
        let (mut due, mut from) = (Vec::new(), None);
        let enough = usize::try_from(limit).unwrap_or(usize::MAX);
        loop {
            let rows = self.earliest_due(shard, until_now, limit, from, Operation::Due);
            let (rows, last) = rows.await?;
            due.extend(rows.iter().filter_map(due_key));
            from = last;
            // Rows that were passed over make room for others.
            if due.len() >= enough || from.is_none() {
                due.truncate(enough);
                return Ok(due);
            }
        }
    }

    async fn first_due(&self, shard: u32) -> Result<Option<Timestamp>, StoreError> {
        let ever = |query: Query| query.key_condition_expression("#shard = :shard");
        let mut from = None;
        loop {
            let rows = self.earliest_due(shard, ever, 1, from, Operation::FirstDue);
            let (rows, last) = rows.await?;
            let (times, _) = readable(&rows, |item| Reader(item).time(keys::REFRESH_AT));
            if !times.is_empty() || last.is_none() {
                return Ok(times.into_iter().next());
            }
            from = last;
        }
    }

    fn shards(&self) -> u32 {
        keys::SHARDS
    }

    async fn settle(
        &self,
        record: &TokenRecord,
        settlement: Settlement<'_>,
    ) -> Result<Write, StoreError> {
        let version = self.table.new_version();
        let change = self.settled(record, settlement).await;
        let change = change.set(keys::VERSION, text(&version.0));
        let condition = Condition::Version(&record.version).expression();
        let change = change.expression(&condition);
        let answer = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(keys::token(record.tenant, &record.resource)))
            .update_expression(change.text)
            .condition_expression(condition.text)
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(self.table.capacity_wanted())
            .send()
            .await;
        match answer {
            Ok(done) => {
                let consumed = done.consumed_capacity.as_slice();
                self.table
                    .consumed(Operation::Settle, Units::Write, consumed);
                Ok(Write::Done)
            }
            Err(error) => refused(&error, &version)
                .ok_or_else(|| self.table.failed(Operation::Settle, &error)),
        }
    }

    async fn settle_and_change(
        &self,
        record: &TokenRecord,
        settlement: Settlement<'_>,
        before: &Tenant,
        after: &Tenant,
    ) -> Result<Write, StoreError> {
        let operation = Operation::SettleAndChange;
        let change = self.settled(record, settlement).await;
        let change = follow(change, after, &self.table.new_version());
        let key = keys::token(record.tenant, &record.resource);
        let mut transaction = Transaction::new(&self.table, operation)
            .tenant(Some(before), after)
            .update(key, change, &Condition::Version(&record.version));
        let own = keys::token_sort(&record.resource);
        let sorts = self.table.token_sorts(record.tenant, operation).await?;
        for sort in sorts.iter().filter(|sort| **sort != own) {
            let key = keys::token_by_sort(record.tenant, sort);
            let change = follow(Change::default(), after, &self.table.new_version());
            transaction = transaction.update(key, change, &Condition::Present);
        }
        transaction.write().await
    }
}

impl SealedTokens {
    /// The rows at the front of a shard of the due index, or after `from`, and where to go
    /// on. `of`: which of them; `#shard` and `:shard` are given.
    async fn earliest_due(
        &self,
        shard: u32,
        of: impl FnOnce(Query) -> Query,
        limit: u32,
        from: Option<Item>,
        operation: Operation,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let page = of(self.table.client.query())
            .table_name(&self.table.name)
            .index_name(keys::DUE_INDEX)
            .expression_attribute_names("#shard", keys::DUE_SHARD)
            .expression_attribute_values(":shard", text(shard))
            .scan_index_forward(true)
            .set_exclusive_start_key(from)
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
            .return_consumed_capacity(self.table.capacity_wanted())
            .send()
            .await
            .map_err(|error| self.table.failed(operation, &error))?;
        let consumed = page.consumed_capacity.as_slice();
        self.table.consumed(operation, Units::Read, consumed);
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    async fn record(
        &self,
        tenant: TenantId,
        resource: &Resource,
        consistent: bool,
    ) -> Result<Option<TokenRecord>, StoreError> {
        let key = keys::token(tenant, resource);
        let Some(item) = self.table.get(key, Operation::Read, consistent).await? else {
            return Ok(None);
        };
        let stored = token_item::read(&item)?;
        let mut record = stored.record;
        if let Some(sealed) = stored.sealed {
            record.token = self.sealer.open(&record, &sealed).await;
        }
        Ok(Some(record))
    }

    /// What a settlement changes in its record. The tenant's status, copied there, is
    /// none of its business.
    async fn settled(&self, record: &TokenRecord, settlement: Settlement<'_>) -> Change {
        match settlement {
            Settlement::Token { token, refresh_at } => {
                let sealed = self.sealer.seal(record, token).await;
                Change::default()
                    .set(keys::SEALED, bytes(sealed))
                    .set(keys::EXPIRES_AT, time(token.expires_at))
                    .set(keys::ISSUED_AT, time(token.issued_at))
                    .set(keys::REFRESH_AT, time(refresh_at))
                    .set(keys::FAILURES, number(0))
                    .remove(keys::NEXT_ATTEMPT_AT)
                    .remove(keys::FAILURE)
                    .remove(keys::FAILURE_AADSTS)
                    .remove(keys::FAILURE_ALSO)
                    .remove(keys::SUSPECTED_AT)
            }
            Settlement::Failure {
                next_attempt_at,
                refresh_at,
                failures,
                cause,
                suspected_at,
                drop_token,
            } => {
                let change = Change::default()
                    .set(keys::REFRESH_AT, time(refresh_at))
                    .set(keys::NEXT_ATTEMPT_AT, time(next_attempt_at))
                    .set(keys::FAILURES, number(failures))
                    .set(keys::FAILURE, text(cause.code))
                    .put(keys::FAILURE_AADSTS, cause.aadsts.map(number))
                    .put(keys::FAILURE_ALSO, numbers(&cause.also))
                    .put(keys::SUSPECTED_AT, suspected_at.map(time));
                match drop_token {
                    true => token_item::without_token(change),
                    false => change,
                }
            }
        }
    }
}

/// What a refused update means; `None` when it is a failure. A conflict with a
/// transaction that is under way is `Stale` too: nothing was written, and who reads
/// again sees how that transaction ended.
fn refused<R>(error: &SdkError<UpdateItemError, R>, ours: &Version) -> Option<Write> {
    match error.as_service_error()? {
        UpdateItemError::ConditionalCheckFailedException(refused) => {
            // The SDK sends a request again when its answer was lost; the second
            // attempt then finds what the first one wrote.
            let found = refused.item().and_then(|item| item.get(keys::VERSION));
            let is_ours = found.is_some_and(|found| *found == text(&ours.0));
            Some(if is_ours { Write::Done } else { Write::Stale })
        }
        UpdateItemError::TransactionConflictException(_) => Some(Write::Stale),
        _ => None,
    }
}

/// The tenant and resource of a row of the due index. A row that names none is
/// passed over with a line in the log: it must not keep the others from their turn.
fn due_key(item: &Item) -> Option<(TenantId, Resource)> {
    let reader = Reader(item);
    let parsed = || {
        let tenant = keys::parse_partition(reader.text(keys::PK).ok()?)?;
        Some((tenant, keys::parse_token_sort(reader.text(keys::SK).ok()?)?))
    };
    let key = parsed();
    if key.is_none() {
        let error = reader.unreadable(keys::SK);
        tracing::error!(event = "due_row_unreadable", %error, "a due row was passed over");
    }
    key
}

impl fmt::Debug for SealedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedTokens")
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}
