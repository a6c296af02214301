//! The one table: tenants, their sealed tokens, and marks of things that were used.
//!
//! | item | `pk` | `sk` | index |
//! |---|---|---|---|
//! | tenant | `T#{tenant}` | `TENANT` | `tenants` |
//! | token | `T#{tenant}` | `TOKEN#{resource}` | `due`, while it is to be refreshed |
//! | used once | `ONCE#{id}` | `ONCE` | |
//! | lease | `LEASE#{name}` | `LEASE` | |
//! | invite | `INVITE#{SHA-256 of its id}` | `INVITE` | |
//! | policy text in force | `POLICY` | `POLICY` | |
//! | candidate policy text | `POLICY` | `CANDIDATE` | |
//! | caller key | `CALLERS` | `KEY#{name}` | |
//!
//! [`Table`] itself opens no token: it is all that the consent function gets.
//! [`SealedTokens`] adds the sealing ring.

mod caller_keys;
mod capacity;
mod change;
mod errors;
mod invites;
mod item;
mod keys;
mod leases;
mod mark;
mod policies;
mod ring;
#[cfg(feature = "contract")]
pub mod rows;
mod schema;
mod sealer;
mod single_use;
mod tenant_item;
mod tenants;
mod token_item;
mod tokens;
mod transaction;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use auth::encoding::base64url;
use auth::ports::{Random, StoreError};
use auth::version::Version;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder as Query;
use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity, ReturnConsumedCapacity};

pub use capacity::{CapacityMeter, CapacityTally, Consumed, Operation, Sum, Units};
pub use keys::SHARDS;
pub use ring::{RING_READ_WITHIN, RingSource};
pub use tokens::SealedTokens;

/// An item as the SDK carries it.
type Item = HashMap<String, AttributeValue>;

/// Random bytes of a version: 16 characters in base64url.
const VERSION_BYTES: usize = 12;

/// The table. Cheap to clone.
#[derive(Clone)]
pub struct Table {
    client: Client,
    name: String,
    random: Arc<dyn Random>,
    meter: Option<Arc<dyn CapacityMeter>>,
}

impl Table {
    /// The table called `name`; `random` makes versions.
    pub fn new(client: Client, name: impl Into<String>, random: Arc<dyn Random>) -> Self {
        Self {
            client,
            name: name.into(),
            random,
            meter: None,
        }
    }

    /// Reports to `meter` what each request consumed.
    pub fn with_meter(mut self, meter: Arc<dyn CapacityMeter>) -> Self {
        self.meter = Some(meter);
        self
    }

    /// Whether the table answers: half a read unit, on a key that does not exist.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.get(keys::nothing(), Operation::Ping, false).await?;
        Ok(())
    }

    /// Reads one item.
    async fn get(
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

    /// Every row of a query, page by page; strongly consistent. `of`: which rows.
    async fn every_row(
        &self,
        of: impl Fn(Query) -> Query,
        operation: Operation,
    ) -> Result<Vec<Item>, StoreError> {
        let (mut rows, mut from) = (Vec::new(), None);
        loop {
            let page = of(self.client.query())
                .table_name(&self.name)
                .consistent_read(true)
                .set_exclusive_start_key(from)
                .return_consumed_capacity(self.capacity_wanted())
                .send()
                .await
                .map_err(|error| self.failed(operation, &error))?;
            self.consumed(operation, Units::Read, page.consumed_capacity.as_slice());
            rows.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(rows);
            }
        }
    }

    /// A version, or a mark, that nobody else has.
    fn unique(&self) -> String {
        let mut bytes = [0u8; VERSION_BYTES];
        self.random.fill(&mut bytes);
        base64url(&bytes)
    }

    fn new_version(&self) -> Version {
        Version(self.unique())
    }

    fn capacity_wanted(&self) -> ReturnConsumedCapacity {
        match self.meter {
            Some(_) => ReturnConsumedCapacity::Indexes,
            None => ReturnConsumedCapacity::None,
        }
    }

    fn consumed(&self, operation: Operation, units: Units, capacities: &[ConsumedCapacity]) {
        if let Some(meter) = &self.meter {
            for capacity in capacities {
                meter.consumed(&capacity::read(operation, units, capacity));
            }
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
