//! The control table: who may have what, and how a caller proves who it is. It has the same
//! requests as the other table and none of its ports, so that a port of one cannot be asked of
//! the other.

use std::fmt;
use std::sync::Arc;

use auth::ports::{Random, StoreError};
use aws_sdk_dynamodb::Client;

use super::capacity::{CapacityMeter, Operation};
use super::items::{caller_key, policy};
use super::requests::Table;

/// What follows the other table's name in the control table's, where no one says otherwise.
const SUFFIX: &str = "-control";

/// The control table: policies, caller keys and callers' issuers. The operator writes it, and
/// vending notes when a caller key was used. Cheap to clone.
#[derive(Clone)]
pub struct ControlTable(pub(super) Table);

impl ControlTable {
    /// The table called `name`; `random` makes versions.
    pub fn new(client: Client, name: impl Into<String>, random: Arc<dyn Random>) -> Self {
        Self(Table::new(client, name, random).named_by("CONTROL_TABLE_NAME"))
    }

    /// The name where no one says otherwise: that of the table of tenants, and `-control`.
    pub fn name_beside(table: &str) -> String {
        format!("{table}{SUFFIX}")
    }

    /// Reports to `meter` what each request consumed.
    pub fn with_meter(self, meter: Arc<dyn CapacityMeter>) -> Self {
        Self(self.0.with_meter(meter))
    }

    /// Whether the table answers: half a read unit, on a key that does not exist.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.0.ping().await
    }
}

impl Table {
    /// Whether policies or caller keys are in it, where versions before decision 0049 kept them.
    pub async fn holds_control_rows(&self) -> Result<bool, StoreError> {
        for (partition, operation) in [
            (policy::PARTITION, Operation::ReadPolicy),
            (caller_key::PARTITION, Operation::ListKeys),
        ] {
            let one = self.partition(partition).limit(1);
            let (rows, _) = self.page(one, None, operation).await?;
            if !rows.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl fmt::Debug for ControlTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ControlTable").field(&self.0.name).finish()
    }
}
