//! What operators did (the port `OperatorLog`): one item each. No writer here deletes one.

use async_trait::async_trait;
use auth::Timestamp;
use auth::operator_action::{Actor, Deed, OperatorAction, Outcome};
use auth::ports::{Begun, OperatorLog, StoreError, Write};

use super::attributes::readable;
use super::capacity::Operation;
use super::change::Condition;
use super::control::ControlTable;
use super::items::operator_action::{self, OUTCOME};
use super::keys::MARK;

#[async_trait]
impl OperatorLog for ControlTable {
    async fn begin(&self, deed: &Deed, by: &Actor, at: Timestamp) -> Result<Begun, StoreError> {
        let mark = self.0.unique();
        let item = operator_action::write(deed, by, at, &mark);
        let ours = Some((MARK, mark.as_str()));
        let write = self
            .0
            .put_item(item, Condition::Absent, ours, Operation::BeginAction);
        match write.await? {
            Write::Done => Ok(operator_action::begun(at, &mark)),
            // Fails closed because an action without a row of its own is not written down.
            Write::Stale => Err(StoreError::Unavailable(
                "another action has the same mark".to_owned(),
            )),
        }
    }

    async fn end(
        &self,
        begun: &Begun,
        outcome: Outcome,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let ended = operator_action::ended(outcome, at).on(operator_action::is_open());
        let ours = Some((OUTCOME, outcome.as_str()));
        let key = operator_action::key(begun);
        let write = self.0.update_item(key, ended, ours, Operation::EndAction);
        Ok(write.await? == Write::Done)
    }

    async fn of_day(
        &self,
        at: Timestamp,
    ) -> Result<(Vec<OperatorAction>, Vec<StoreError>), StoreError> {
        let day = self
            .0
            .partition(operator_action::partition(&operator_action::day(at)));
        let rows = self.0.every_row(day, Operation::ListActions).await?;
        Ok(readable(&rows, operator_action::read))
    }
}
