//! The record of the refresher's last run.

use async_trait::async_trait;

use super::store::{StoreError, Write};
use crate::fleet::FleetChange;
use crate::last_run::{LastRun, RequestUnits};

/// Keeps the last run.
///
/// Failure policy: a record that cannot be read stops no run, which then begins as the first one
/// does; one that cannot be written is reported, and the next run writes its own.
#[async_trait]
pub trait Runs: Send + Sync {
    /// The last run that did something; `None` before the first one. Strongly consistent.
    async fn last_run(&self) -> Result<Option<LastRun>, StoreError>;

    /// Writes a run where the table still holds the version that it names. A change of the fleet
    /// puts its events ([`Event::of_fleet`](crate::event::Event::of_fleet)) in the same
    /// transaction: all is written or nothing is. [`Write::Stale`] where another run was
    /// first: a second read shows what that one changed.
    async fn put_last_run(
        &self,
        run: &LastRun,
        change: Option<&FleetChange>,
    ) -> Result<Write, StoreError>;
}

/// Counts what requests to the table cost.
pub trait Spending: Send + Sync {
    /// What was consumed since this was made.
    fn spent(&self) -> RequestUnits;
}
