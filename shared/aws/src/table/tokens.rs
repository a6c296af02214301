//! The sealed tokens of the table (the port `TokenStore`): the table with what seals.
//! Every write is fenced by the version that was read.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::{
    Clock, DuePage, Paging, ReadRecord, SecretError, Settlement, StoreError, TokenStore, Write,
};
use auth::token::TokenRecord;
use auth::turns::Look;
use auth::{ClientId, Resource, Tenant, TenantId, Timestamp};
use aws_sdk_dynamodb::types::AttributeValue;

use super::attributes::{number, text, time};
use super::batch::{KEYS_MAX, Taken};
use super::capacity::Operation;
use super::change::{Change, Condition};
use super::items::{due_row, token};
use super::keys::{self, Item};
use super::requests::Table;
use super::ring::RingSource;
use super::sealer::Sealer;
use super::transaction::Transaction;

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
        let ring = source.load(clock).await?;
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

    async fn read_each(&self, named: &[(TenantId, Resource)]) -> Vec<ReadRecord> {
        let mut records = Vec::with_capacity(named.len());
        for part in named.chunks(KEYS_MAX) {
            let keys = part
                .iter()
                .map(|(tenant, resource)| token::key(*tenant, resource));
            match self.table.get_items(keys, Operation::ReadEach).await {
                Ok(mut read) => {
                    for (tenant, resource) in part {
                        records.push(match read.take(&token::key(*tenant, resource)) {
                            Taken::Item(item) => self.opened(&item).await.map(Some),
                            Taken::Nothing => Ok(None),
                            Taken::NotRead => self.read(*tenant, resource).await,
                        });
                    }
                }
                Err(error) => records.extend(part.iter().map(|_| Err(error.clone()))),
            }
        }
        records
    }

    async fn due(&self, shard: u32, now: Timestamp, page: &Paging) -> Result<DuePage, StoreError> {
        let times = [token::FIRST_TIME, now.max(token::FIRST_TIME)].map(time);
        self.due_page((shard, times), page, Operation::Due).await
    }

    async fn at_turns(
        &self,
        shard: u32,
        slots: &RangeInclusive<u8>,
        page: &Paging,
    ) -> Result<DuePage, StoreError> {
        let slots = [slots.start(), slots.end()].map(number);
        let turns = (shard, slots);
        self.due_page(turns, page, Operation::AtTurns).await
    }

    async fn look_again(
        &self,
        tenant: TenantId,
        resource: &Resource,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let change = token::looked_at(Change::default(), tenant, Look::From(at));
        let (key, change) = (token::key(tenant, resource), change.on(Condition::Present));
        let write = self
            .table
            .update_item(key, change, None, Operation::LookAgain);
        match write.await? {
            Write::Done | Write::Stale => Ok(()),
        }
    }

    async fn put_back(
        &self,
        record: &TokenRecord,
        look: Look,
        now: Timestamp,
    ) -> Result<Write, StoreError> {
        let too_early = token::FIRST_TIME..=now.max(token::FIRST_TIME);
        let as_read = Condition::Within(record.version.clone(), keys::TURN, too_early);
        let change = token::looked_at(Change::default(), record.tenant, look).on(as_read);
        let key = token::key(record.tenant, &record.resource);
        self.table
            .update_item(key, change, None, Operation::PutBack)
            .await
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
        let change = change
            .set(keys::VERSION, text(&version.0))
            .on(Condition::version(&record.version));
        let key = token::key(record.tenant, &record.resource);
        let ours = Some((keys::VERSION, version.0.as_str()));
        let write = self.table.update_item(key, change, ours, Operation::Settle);
        write.await
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
        let change = token::follow(change, after, &self.table.new_version());
        let key = token::key(record.tenant, &record.resource);
        let mut transaction = Transaction::new(&self.table, operation)
            .tenant(Some(before), after)
            .update(key, change, Condition::version(&record.version));
        let own = token::sort(&record.resource);
        let sorts = self.table.token_sorts(record.tenant, operation).await?;
        for sort in sorts.iter().filter(|sort| **sort != own) {
            let key = token::key_by_sort(record.tenant, sort);
            let change = token::follow(Change::default(), after, &self.table.new_version());
            transaction = transaction.update(key, change, Condition::Present);
        }
        transaction.write().await
    }
}

impl SealedTokens {
    /// A page of the rows of a shard of the due index with these turns, in their order.
    async fn due_page(
        &self,
        (shard, [first, last]): (u32, [AttributeValue; 2]),
        page: &Paging,
        operation: Operation,
    ) -> Result<DuePage, StoreError> {
        let from = page.after.as_ref().map(|end| due_row::key(shard, end));
        let of_shard = self
            .table
            .client
            .query()
            .index_name(keys::DUE_INDEX)
            .key_condition_expression("#shard = :shard AND #turn BETWEEN :first AND :last")
            .expression_attribute_names("#shard", keys::DUE_SHARD)
            .expression_attribute_names("#turn", keys::TURN)
            .expression_attribute_values(":shard", text(shard))
            .expression_attribute_values(":first", first)
            .expression_attribute_values(":last", last)
            .scan_index_forward(true)
            .limit(i32::try_from(page.rows.max(1)).unwrap_or(i32::MAX));
        let page = self.table.page(of_shard, from.transpose()?, operation);
        let (rows, last) = page.await?;
        Ok(DuePage {
            records: rows.iter().filter_map(due_row::named).collect(),
            next: last.as_ref().map(due_row::end).transpose()?,
        })
    }

    async fn record(
        &self,
        tenant: TenantId,
        resource: &Resource,
        consistent: bool,
    ) -> Result<Option<TokenRecord>, StoreError> {
        let key = token::key(tenant, resource);
        let item = self.table.get_item(key, Operation::Read, consistent);
        match item.await? {
            Some(item) => self.opened(&item).await.map(Some),
            None => Ok(None),
        }
    }

    /// The record of a row, with its token opened.
    async fn opened(&self, item: &Item) -> Result<TokenRecord, StoreError> {
        let stored = token::read(item)?;
        let mut record = stored.record;
        if let Some(sealed) = stored.sealed {
            record.token = self.sealer.open(&record, &sealed).await;
        }
        Ok(record)
    }

    /// What a settlement changes in its record, with its token sealed.
    async fn settled(&self, record: &TokenRecord, settlement: Settlement<'_>) -> Change {
        let change = token::settled(record.tenant, settlement);
        match settlement {
            Settlement::Token { token, .. } => {
                token::with_token(change, self.sealer.seal(record, token).await)
            }
            Settlement::Failure { .. } => change,
        }
    }
}

impl fmt::Debug for SealedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedTokens")
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}
