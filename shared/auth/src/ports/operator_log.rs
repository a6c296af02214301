//! What operators did. It is written before it is done.

use async_trait::async_trait;

use super::store::StoreError;
use crate::operator_action::{Actor, Deed, OperatorAction, Outcome};
use crate::timestamp::Timestamp;

/// An action that was written down and has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// On which day, in UTC.
    pub day: String,
    /// Which one of that day.
    pub id: String,
}

/// The actions of operators, day by day. Nothing is changed but the end of an action that has
/// none.
///
/// Failure policy: what cannot be written down is not done.
#[async_trait]
pub trait OperatorLog: Send + Sync {
    /// Writes down what is about to be done.
    async fn begin(&self, deed: &Deed, by: &Actor, at: Timestamp) -> Result<Begun, StoreError>;

    /// Writes down how it ended; `false` where that is written already.
    async fn end(&self, begun: &Begun, outcome: Outcome, at: Timestamp)
    -> Result<bool, StoreError>;

    /// The actions of the day of `at`, in the order in which they were begun, and the rows that
    /// cannot be read.
    async fn of_day(
        &self,
        at: Timestamp,
    ) -> Result<(Vec<OperatorAction>, Vec<StoreError>), StoreError>;
}
