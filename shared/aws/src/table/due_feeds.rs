//! The due index of the audit log (the port `DueFeeds`).

use async_trait::async_trait;
use auth::ports::{StoreError, Write};
use auth::{TenantId, Timestamp};
use feed::due::Due;
use feed::ports::DueFeeds;

use super::attributes::{readable, text};
use super::capacity::Operation;
use super::change::Condition;
use super::items::feed as item;
use super::keys;
use super::requests::Table;

#[async_trait]
impl DueFeeds for Table {
    fn shards(&self) -> u32 {
        keys::SHARDS
    }

    async fn rows(&self, shard: u32) -> Result<Vec<(TenantId, Due)>, StoreError> {
        let of_shard = self
            .client
            .query()
            .index_name(keys::DUE_INDEX)
            .key_condition_expression("#shard = :shard")
            .expression_attribute_names("#shard", keys::DUE_SHARD)
            .expression_attribute_values(":shard", text(keys::feed_shard_numbered(shard)))
            .scan_index_forward(true);
        let (mut rows, mut from) = (Vec::new(), None);
        loop {
            let page = self.page(of_shard.clone(), from, Operation::DueFeeds);
            let (found, last) = page.await?;
            // What cannot be read is said in the log, and hides no other.
            rows.extend(readable(&found, item::due).0);
            from = last;
            if from.is_none() {
                return Ok(rows);
            }
        }
    }

    async fn look_again(&self, tenant: TenantId, at: Timestamp) -> Result<(), StoreError> {
        let (key, change) = (item::key(tenant), item::looked_at(tenant, at));
        let change = change.on(Condition::Present);
        let write = self.update_item(key, change, None, Operation::LookAtFeed);
        match write.await? {
            Write::Done | Write::Stale => Ok(()),
        }
    }
}
