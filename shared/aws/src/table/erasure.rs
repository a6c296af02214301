//! Deleting rows of the ledger (the port `LedgerErasure`).

use async_trait::async_trait;
use auth::TenantId;
use auth::ports::{StoreError, Write};
use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use feed::ContentType;
use feed::ledger::TenantFeed;
use feed::ports::LedgerErasure;

use super::capacity::{Operation, Units};
use super::change::Condition;
use super::items::{batch, feed as item};
use super::keys::{self, Item};
use super::requests::Table;

/// Items of one request, at most (DynamoDB API reference, `BatchWriteItem`).
const MOST: usize = 25;

#[async_trait]
impl LedgerErasure for Table {
    /// By the keys alone: a row that cannot be read goes as well.
    async fn erase_batches(
        &self,
        tenant: TenantId,
        content_type: ContentType,
    ) -> Result<u64, StoreError> {
        let of_type = self
            .partition(batch::partition(tenant, content_type))
            .projection_expression("#pk, #sk")
            .expression_attribute_names("#sk", keys::SK);
        let rows = self.every_row(of_type, Operation::EraseBatches).await?;
        for some in rows.chunks(MOST) {
            self.delete_items(some).await?;
        }
        Ok(rows.len() as u64)
    }

    async fn erase_feed(&self, feed: &TenantFeed) -> Result<Write, StoreError> {
        let Some(version) = &feed.version else {
            return Ok(Write::Stale);
        };
        let as_read = Condition::version(version);
        self.delete_item(item::key(feed.tenant), as_read, Operation::EraseFeed)
            .await
    }
}

impl Table {
    /// Deletes the items of these keys. What DynamoDB left of a request is sent again.
    async fn delete_items(&self, keys: &[Item]) -> Result<(), StoreError> {
        let mut left = keys.iter().map(deletion).collect::<Result<Vec<_>, _>>()?;
        while !left.is_empty() {
            let answer = self
                .client
                .batch_write_item()
                .request_items(&self.name, left)
                .return_consumed_capacity(self.capacity_wanted())
                .send()
                .await
                .map_err(|error| self.failed(Operation::EraseBatches, &error))?;
            let consumed = answer.consumed_capacity();
            self.consumed(Operation::EraseBatches, Units::Write, consumed);
            let unprocessed = answer.unprocessed_items.unwrap_or_default();
            left = unprocessed.into_values().flatten().collect();
        }
        Ok(())
    }
}

fn deletion(key: &Item) -> Result<WriteRequest, StoreError> {
    let delete = DeleteRequest::builder().set_key(Some(key.clone())).build();
    let delete = delete.map_err(|error| StoreError::Broken(error.to_string()))?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}
