//! What the refresher tells of the fleet after each run, at a cost that does not grow with
//! it: the run's outcome, the certificate's days, the least life that a token has left, and
//! once an hour how many tenants have which status.
//!
//! The least life comes from the run, which reads nothing for it: a token that waits for its
//! slot's turn has the whole lead left when the turn comes, so that the lead, less the time
//! since the earliest turn that was not looked at, is what all of them have at least; what
//! could not be renewed, or was left, the run has seen (decision 0050).

mod census;
mod parts;

use census::Census;

use crate::metric::Metric;
use crate::refresh::{EndedEarly, RefreshReport};
use crate::timestamp::Timestamp;

pub use parts::WatchParts;

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// Tells of the fleet.
pub struct Watch {
    parts: WatchParts,
    census: Census,
}

impl Watch {
    /// Has told nothing yet: its first run counts the tenants.
    pub fn new(parts: WatchParts) -> Self {
        Self {
            parts,
            census: Census::default(),
        }
    }

    /// Tells of a run that has just ended. What takes longer comes last: a run that
    /// `deadline` cuts off has told the rest.
    pub async fn after_run(&self, report: &RefreshReport, deadline: Timestamp) {
        self.counters(report);
        self.certificate();
        let table_answers = report.ended_early != Some(EndedEarly::StoreUnavailable);
        // No figure rather than a wrong one: a table that does not answer is reported by the
        // run's own line.
        if table_answers {
            let waiting = self.parts.schedule.least_life_left(report.behind);
            let least = report.shortest_life.unwrap_or(u64::MAX).min(waiting);
            let meter = self.parts.meter.as_ref();
            meter.record(Metric::MinimumRemainingLife, least);
        }
        self.parts.meter.flush();
        if table_answers {
            self.census.tell(&self.parts, deadline).await;
            self.parts.meter.flush();
        }
    }

    fn counters(&self, report: &RefreshReport) {
        let by = &report.failed_by;
        let ended_early = report.ended_early.is_some();
        for (metric, value) in [
            (Metric::TokensRefreshed, report.refreshed),
            (Metric::RefreshesFailedOurs, by.ours),
            (Metric::RefreshesFailedCustomer, by.customer),
            (Metric::RefreshesFailedMicrosoft, by.microsoft),
            (Metric::RefreshesLost, report.lost),
            (Metric::RunsEndedEarly, ended_early.into()),
            (Metric::FleetFault, report.fleet_fault.into()),
        ] {
            self.parts.meter.record(metric, value.into());
        }
    }

    fn certificate(&self) {
        let now = self.parts.clock.now();
        // A certificate that cannot be had is told by its own line.
        if let Some(end) = self.parts.certificate.expires_at() {
            let left = now.seconds_until(end) / DAY_SECONDS;
            self.parts.meter.record(Metric::CertificateDaysLeft, left);
        }
    }
}
