//! The rows by which sessions that meet for a tenant keep apart (the port `SharedLedger`).

use async_trait::async_trait;
use auth::ports::{StoreError, Write};
use auth::version::Version;
use auth::{TenantId, Timestamp};
use feed::ContentType;
use feed::handed::WindowRow;
use feed::ledger::TenantFeed;
use feed::ports::SharedLedger;

use super::attributes::{readable, text};
use super::capacity::Operation;
use super::change::Condition;
use super::items::{batch, feed as item, window};
use super::keys;
use super::requests::Table;
use super::transaction::Transaction;

/// Fails closed because no item has the empty version: what was never read from the table cannot
/// be changed there.
fn as_read(feed: &TenantFeed) -> Condition {
    let read = feed.version.clone();
    Condition::version(&read.unwrap_or(Version(String::new())))
}

#[async_trait]
impl SharedLedger for Table {
    async fn claim(
        &self,
        feed: &TenantFeed,
        until: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        let version = self.new_version();
        let change = item::claimed(until, &version).on(as_read(feed));
        let ours = Some((keys::VERSION, version.0.as_str()));
        let key = item::key(feed.tenant);
        let write = self.update_item(key, change, ours, Operation::ClaimFeed);
        Ok((write.await? == Write::Done).then_some(version))
    }

    async fn put_types(&self, feed: &TenantFeed) -> Result<Write, StoreError> {
        let version = self.new_version();
        let (key, change) = (item::key(feed.tenant), item::write_types(feed, &version));
        if !feed.events.is_empty() {
            let transaction = Transaction::new(self, Operation::PutTypes);
            let transaction = transaction.update(key, change, as_read(feed));
            return transaction.events_of(feed).write().await;
        }
        let ours = Some((keys::VERSION, version.0.as_str()));
        self.update_item(key, change.on(as_read(feed)), ours, Operation::PutTypes)
            .await
    }

    async fn windows(
        &self,
        tenant: TenantId,
        content_type: ContentType,
    ) -> Result<Vec<WindowRow>, StoreError> {
        let of_windows = self
            .partition(batch::partition(tenant, content_type))
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
            .expression_attribute_names("#sk", keys::SK)
            .expression_attribute_values(":prefix", text(window::PREFIX));
        let rows = self.every_row(of_windows, Operation::ReadWindows).await?;
        Ok(readable(&rows, window::read).0)
    }

    async fn take_window(&self, row: &WindowRow) -> Result<Write, StoreError> {
        let mark = self.unique();
        let item = window::taken(row, &mark).into_item(window::key(row));
        let ours = Some((keys::MARK, mark.as_str()));
        self.put_item(item, Condition::Absent, ours, Operation::TakeWindow)
            .await
    }

    async fn finish_window(&self, row: &WindowRow) -> Result<Write, StoreError> {
        let mark = self.unique();
        let outcome = row.outcome.clone().unwrap_or_default();
        let change = window::finished(&outcome, &mark).on(window::is_taken());
        let ours = Some((keys::MARK, mark.as_str()));
        let key = window::key(row);
        self.update_item(key, change, ours, Operation::FinishWindow)
            .await
    }

    async fn take_over(&self, feed: &TenantFeed, done: &[WindowRow]) -> Result<Write, StoreError> {
        let change = item::write(feed, &self.new_version());
        let transaction = Transaction::new(self, Operation::TakeOver).update(
            item::key(feed.tenant),
            change,
            as_read(feed),
        );
        done.iter()
            .fold(transaction.events_of(feed), |transaction, row| {
                transaction.delete(window::key(row), Condition::Always)
            })
            .write()
            .await
    }
}
