//! What the refresher tells of the fleet after each run, at a cost that does not grow with
//! it: the run's outcome, the certificate's days, the least life that a token has left, and
//! once an hour how many tenants have which status.
//!
//! The least life is bounded from below by the front of the due index, because a token is
//! due a known time before its end; the tokens that could not be renewed, whose rows stand
//! elsewhere in that index, are known from the run itself (decision 0024).

mod census;
mod parts;

use census::Census;

use crate::metric::Metric;
use crate::ports::StoreError;
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
        if table_answers {
            self.remaining_life(report).await;
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

    /// No figure rather than a wrong one: the table that does not answer is told by its
    /// own line.
    async fn remaining_life(&self, report: &RefreshReport) {
        match self.least_life(report.shortest_life).await {
            Ok(Some(life)) => self.parts.meter.record(Metric::MinimumRemainingLife, life),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(event = "watch_store_error", %error, "the least life of the tokens is not known");
            }
        }
    }

    /// `not_renewed`: the shortest life of the tokens that the run could not renew. `None`
    /// when there is no token at all.
    async fn least_life(&self, not_renewed: Option<u64>) -> Result<Option<u64>, StoreError> {
        let mut least = not_renewed;
        for shard in 0..self.parts.tokens.shards() {
            let Some(first_due) = self.parts.tokens.first_due(shard).await? else {
                continue;
            };
            let now = self.parts.clock.now();
            let life = self.parts.schedule.least_life_left(first_due, now);
            least = Some(least.map_or(life, |least| least.min(life)));
        }
        Ok(least)
    }
}
