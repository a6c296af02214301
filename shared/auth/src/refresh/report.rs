//! What a run did: the function's answer and its line in the log.

use serde::Serialize;

use crate::cause::FailedBy;
use crate::last_run::EndedEarly;

/// What a run did; also the function's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RefreshReport {
    /// Tokens renewed.
    pub refreshed: u32,
    /// Attempts that brought no token.
    pub failed: u32,
    /// The same by who has to act.
    pub failed_by: FailedBy,
    /// Attempts that came too late: another writer had settled the record.
    pub lost: u32,
    /// Records that waited for no turn and were not due any more, or not this run's business.
    pub skipped: u32,
    /// Why the run ended before everything that is due was tried, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_early: Option<EndedEarly>,
    /// It met a fault that every tenant has: it ended for that, or no token came; or such a
    /// fault lasts from the runs before it.
    pub fleet_fault: bool,
    /// Seconds of life that are left to the token that ends first among those which we or
    /// Microsoft kept from being renewed; `None` where there is none. A tenant whose
    /// customer has to act is not among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortest_life: Option<u64>,
    /// Seconds since the earliest turn that some run has still to look at, as far as is known;
    /// 0 when this run, or another one under way, has looked at all of them. A run that could
    /// not even read how far the others came knows nothing of it: it ended early.
    #[serde(skip_serializing_if = "is_zero")]
    pub behind: u64,
}

fn is_zero(seconds: &u64) -> bool {
    *seconds == 0
}

impl RefreshReport {
    /// Nothing was due, and it has nothing to say but how far the runs have come.
    pub(super) fn is_idle(&self) -> bool {
        let did = Self {
            behind: 0,
            ..self.clone()
        };
        did == Self::default()
    }

    /// One line per run that did something; the many that find nothing are for whoever
    /// looks closer.
    pub(super) fn log(&self) {
        if self.is_idle() {
            tracing::debug!(event = "refresh_run", "refresh run: nothing was due");
            return;
        }
        tracing::info!(
            event = "refresh_run",
            refreshed = self.refreshed,
            failed = self.failed,
            failed_ours = self.failed_by.ours,
            failed_customer = self.failed_by.customer,
            failed_microsoft = self.failed_by.microsoft,
            lost = self.lost,
            skipped = self.skipped,
            ended_early = self.ended_early.map(EndedEarly::as_str),
            shortest_life = self.shortest_life,
            behind = self.behind,
            "refresh run: {} renewed, {} failed",
            self.refreshed,
            self.failed
        );
    }
}
