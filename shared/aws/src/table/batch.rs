//! Many items read with one request. Its answer has no order, leaves out what is not there, and
//! may leave keys for another request (a throttle, or more than 16 MB).

use std::collections::{HashMap, HashSet};

use auth::ports::StoreError;
use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::capacity::{Operation, Units};
use super::keys::{self, Item};
use super::requests::Table;

/// Keys of one request, at most. Source: DynamoDB API reference, `BatchGetItem`.
pub(super) const KEYS_MAX: usize = 100;

type Key = (String, String);

/// What one request read.
pub(super) struct ReadItems {
    items: HashMap<Key, Item>,
    not_read: HashSet<Key>,
}

/// What became of a key.
pub(super) enum Taken {
    /// It was read.
    Item(Item),
    /// There is no such item.
    Nothing,
    /// It was left, or taken before.
    NotRead,
}

impl Table {
    /// Reads the items of at most [`KEYS_MAX`] keys, eventually consistent. A key may be there
    /// twice, which DynamoDB refuses.
    pub(super) async fn get_items(
        &self,
        keys: impl Iterator<Item = Item>,
        operation: Operation,
    ) -> Result<ReadItems, StoreError> {
        let keys: HashMap<Key, Item> = keys.filter_map(|key| Some((name(&key)?, key))).collect();
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.into_values().collect()))
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        let answer = self
            .client
            .batch_get_item()
            .request_items(&self.name, wanted)
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await
            .map_err(|error| self.failed(operation, &error))?;
        self.consumed(operation, Units::Read, answer.consumed_capacity());
        let left = answer.unprocessed_keys.unwrap_or_default();
        let left = left.into_values().flat_map(|left| left.keys);
        let items = answer.responses.unwrap_or_default().into_values().flatten();
        Ok(ReadItems {
            items: items
                .filter_map(|item| Some((name(&item)?, item)))
                .collect(),
            not_read: left.filter_map(|key| name(&key)).collect(),
        })
    }
}

impl ReadItems {
    /// What became of this key.
    pub(super) fn take(&mut self, key: &Item) -> Taken {
        let Some(name) = name(key) else {
            return Taken::NotRead;
        };
        match self.items.remove(&name) {
            Some(item) => {
                // The same key once more is read by itself.
                self.not_read.insert(name);
                Taken::Item(item)
            }
            None if self.not_read.contains(&name) => Taken::NotRead,
            None => Taken::Nothing,
        }
    }
}

/// The two attributes of the key.
fn name(item: &Item) -> Option<Key> {
    let text = |name: &str| item.get(name)?.as_s().ok().cloned();
    Some((text(keys::PK)?, text(keys::SK)?))
}
