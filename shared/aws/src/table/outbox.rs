//! The outbox in the table of tenants (the port `Outbox`), in two parts with writers of their own:
//! events of tenants and of the fleet, and events of audit logs. Each is cut into as many shards
//! as the due index, so that a bad day of 100,000 tenants is no hot partition, and an empty part
//! costs one small query for each of them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use auth::ports::{Outbox, StoreError, WaitingEvent, WaitingPage, Write};

use super::attributes::{Reader, readable};
use super::capacity::Operation;
use super::change::Condition;
use super::items::event;
use super::keys;
use super::outbox_parts::OutboxOf;
use super::requests::Table;

/// One part of the outbox.
#[derive(Debug, Clone)]
pub struct TableOutbox {
    table: Table,
    of: OutboxOf,
}

impl TableOutbox {
    /// This part, in this table.
    pub fn new(table: Table, of: OutboxOf) -> Self {
        Self { table, of }
    }
}

#[async_trait]
impl Outbox for TableOutbox {
    fn shards(&self) -> u32 {
        keys::SHARDS
    }

    fn lease(&self, shard: u32) -> String {
        format!("outbox#{}#{shard}", self.of.as_str())
    }

    fn written_here(&self) -> BTreeSet<u32> {
        self.table.written.take(self.of)
    }

    async fn waiting(
        &self,
        shard: u32,
        after: Option<&str>,
        limit: u32,
    ) -> Result<WaitingPage, StoreError> {
        let partition = event::partition(self.of, shard);
        let query = self.table.partition(partition).consistent_read(true);
        let query = query.limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX));
        let from = after.map(|place| event::key(self.of, shard, place));
        let page = self.table.page(query, from, Operation::WaitingEvents);
        let (rows, last) = page.await?;
        let (events, _) = readable(&rows, |row| event::read(shard, row));
        let place = |last| Reader::of_key(last).text(keys::SK).map(str::to_owned);
        Ok(WaitingPage {
            events,
            next: last.as_ref().map(place).transpose()?,
        })
    }

    async fn done(&self, event: &WaitingEvent) -> Result<(), StoreError> {
        let key = event::key(self.of, event.shard, &event.place);
        let write = self
            .table
            .delete_item(key, Condition::Always, Operation::EventDone);
        match write.await? {
            Write::Done | Write::Stale => Ok(()),
        }
    }

    async fn put_off(&self, event: &WaitingEvent) -> Result<(), StoreError> {
        let key = event::key(self.of, event.shard, &event.place);
        let change = event::put_off(event).on(Condition::Present);
        let write = self
            .table
            .update_item(key, change, None, Operation::PutEventOff);
        match write.await? {
            Write::Done | Write::Stale => Ok(()),
        }
    }
}
