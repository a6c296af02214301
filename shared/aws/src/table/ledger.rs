//! The ledger of the audit log (the port `Ledger`).

use async_trait::async_trait;
use auth::TenantId;
use auth::ports::{StoreError, Write};
use feed::ledger::{BatchRow, TenantFeed};
use feed::ports::Ledger;
use feed::{ContentType, Window};

use super::attributes::text;
use super::capacity::Operation;
use super::change::{Change, Condition};
use super::items::{batch, feed as item};
use super::keys;
use super::requests::Table;
use super::transaction::Transaction;

#[async_trait]
impl Ledger for Table {
    async fn feed(&self, tenant: TenantId) -> Result<Option<TenantFeed>, StoreError> {
        let key = item::key(tenant);
        let row = self.get_item(key, Operation::ReadFeed, true).await?;
        row.as_ref().map(item::read).transpose()
    }

    async fn put_feed(&self, feed: &TenantFeed) -> Result<Write, StoreError> {
        let as_read = match &feed.version {
            Some(version) => Condition::version(version),
            None => Condition::Absent,
        };
        let version = self.new_version();
        let (key, change) = (item::key(feed.tenant), item::write(feed, &version));
        if !feed.events.is_empty() {
            let transaction = Transaction::new(self, Operation::PutFeed);
            let transaction = transaction.update(key, change, as_read);
            return transaction.events_of(feed).write().await;
        }
        let ours = Some((keys::VERSION, version.0.as_str()));
        self.update_item(key, change.on(as_read), ours, Operation::PutFeed)
            .await
    }

    /// A row that cannot be read is an error: without its contents they would be stored twice.
    async fn batches(
        &self,
        tenant: TenantId,
        content_type: ContentType,
        within: Window,
    ) -> Result<Vec<BatchRow>, StoreError> {
        let (first, last) = batch::sorts_within(within);
        let of_hours = self
            .partition(batch::partition(tenant, content_type))
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :first AND :last")
            .expression_attribute_names("#sk", keys::SK)
            .expression_attribute_values(":first", text(first))
            .expression_attribute_values(":last", text(last));
        let rows = self.every_row(of_hours, Operation::ReadBatches).await?;
        rows.iter().map(batch::read).collect()
    }

    async fn put_batch(&self, row: &BatchRow) -> Result<Write, StoreError> {
        let mark = self.unique();
        let item = batch::write(row, &mark).into_item(batch::key(row));
        let ours = Some((keys::MARK, mark.as_str()));
        self.put_item(item, Condition::Absent, ours, Operation::PutBatch)
            .await
    }

    /// DynamoDB writes 100 items in one transaction; a split has two parts.
    async fn split_batch(&self, row: &BatchRow, parts: &[BatchRow]) -> Result<Write, StoreError> {
        let transaction = Transaction::new(self, Operation::SplitBatch)
            .delete(batch::key(row), batch::is_listed());
        let parts = parts.iter();
        parts
            .fold(transaction, |transaction, part| {
                let change: Change = batch::write(part, &self.unique());
                let item = change.into_item(batch::key(part));
                transaction.put(item, Condition::Absent)
            })
            .write()
            .await
    }

    async fn finish_batch(&self, row: &BatchRow) -> Result<Write, StoreError> {
        let mark = self.unique();
        let change = batch::advanced(row, &mark).on(batch::is_listed());
        let ours = Some((keys::MARK, mark.as_str()));
        let key = batch::key(row);
        self.update_item(key, change, ours, Operation::FinishBatch)
            .await
    }
}
