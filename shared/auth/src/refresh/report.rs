//! What a run did: the function's answer and its line in the log.

use serde::Serialize;

/// What a run did; also the function's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RefreshReport {
    /// Tokens renewed.
    pub refreshed: u32,
    /// Attempts that brought no token.
    pub failed: u32,
    /// Records that were not due any more, or not this run's business.
    pub skipped: u32,
    /// Why the run ended before everything that is due was tried, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_early: Option<EndedEarly>,
}

/// Why a run ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedEarly {
    /// No time was left; the next run goes on.
    Deadline,
    /// A fault of ours, reported as `fleet_fault`.
    OurFault,
    /// Everything fails at Microsoft.
    AuthorityDown,
    /// The table does not answer.
    StoreUnavailable,
    /// The secrets cannot be had; the next run tries again.
    NotStarted,
}

impl RefreshReport {
    /// One line per run that did something; the many that find nothing are for whoever
    /// looks closer.
    pub(super) fn log(&self) {
        if *self == Self::default() {
            tracing::debug!(event = "refresh_run", "refresh run: nothing was due");
            return;
        }
        tracing::info!(
            event = "refresh_run",
            refreshed = self.refreshed,
            failed = self.failed,
            skipped = self.skipped,
            ended_early = self.ended_early.map(tracing::field::debug),
            "refresh run: {} renewed, {} failed",
            self.refreshed,
            self.failed
        );
    }
}
