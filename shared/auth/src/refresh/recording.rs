//! The end of a run: its report, and its record with how the fleet stands after it. Of several
//! runs at once each adds what it saw to what the others wrote, so that a transition is made
//! once: by the run whose write is done.

use super::report::RefreshReport;
use super::run::{Run, locked};
use crate::fleet::{FleetChange, FleetState, Transition};
use crate::last_run::{EndedEarly, LastRun};
use crate::ports::{StoreError, Write};

/// So many runs can write at the same time before one of them gives up.
const TRIES: usize = 8;

impl Run<'_> {
    pub(super) async fn end_of_run(&self) -> RefreshReport {
        let report = self.report();
        let fleet = match report.is_idle() {
            true => self.fleet_before(),
            false => self.write_record().await,
        };
        RefreshReport {
            fleet_fault: report.fleet_fault || fleet.fault.is_some(),
            ..report
        }
    }

    fn report(&self) -> RefreshReport {
        let until = *locked(&self.looked_until);
        let now = self.refresh.clock.now();
        let ended_early = self.why.get().copied();
        let tally = self.tally.report();
        RefreshReport {
            fleet_fault: tally.fleet_fault || ended_early == Some(EndedEarly::OurFault),
            ended_early,
            behind: until.map_or(0, |until| until.seconds_until(now)),
            ..tally
        }
    }

    fn fleet_before(&self) -> FleetState {
        let before = self.before.as_ref();
        before.map(|run| run.fleet.clone()).unwrap_or_default()
    }

    /// Writes the record over whatever the table holds by now. The fleet's state after it.
    async fn write_record(&self) -> FleetState {
        let (mut before, observed) = (self.before.clone(), self.judge.observed());
        let mut failed = None;
        for _ in 0..TRIES {
            let fleet = before.as_ref().map(|run| run.fleet.clone());
            let (fleet, change) = fleet.unwrap_or_default().after(&observed);
            let run = self.record(before.as_ref(), fleet);
            match self.put(&run, change.as_ref()).await {
                Ok(Write::Done) => {
                    change.iter().for_each(FleetChange::log);
                    return run.fleet;
                }
                Ok(Write::Stale) => match self.refresh.runs.last_run().await {
                    Ok(now) => before = now,
                    Err(error) => failed = Some(error),
                },
                Err(error) => failed = Some(error),
            }
            if failed.is_some() {
                break;
            }
        }
        let passes = matches!(
            failed,
            Some(StoreError::Throttled(_) | StoreError::Unavailable(_))
        );
        // A table that does not answer, or throttles, has its own line.
        if self.table_answers() && !passes {
            tracing::error!(
                event = "last_run_not_written",
                error = failed.as_ref().map(tracing::field::display),
                "the record of a run was not written: `operator runs` shows an older one"
            );
        }
        self.fleet_before().after(&observed).0
    }

    async fn put(&self, run: &LastRun, change: Option<&FleetChange>) -> Result<Write, StoreError> {
        let runs = &self.refresh.runs;
        self.patience.with(|| runs.put_last_run(run, change)).await
    }

    fn record(&self, before: Option<&LastRun>, fleet: FleetState) -> LastRun {
        let spending = self.refresh.spending.as_ref();
        let units = spending.map(|counter| counter.spent().since(self.spent_before));
        LastRun {
            times: (self.began, self.refresh.clock.now()),
            units: units.unwrap_or_default(),
            ended_early: self.why.get().copied(),
            fleet,
            version: before.and_then(|run| run.version.clone()),
            ..self.tally.record()
        }
    }
}

impl FleetChange {
    /// One line for each transition: what alarms and people go by.
    fn log(&self) {
        for transition in &self.transitions {
            match transition {
                Transition::Fault(fault) => tracing::error!(
                    event = "fleet_fault", cause = %fault.cause, since = %fault.since,
                    "no token can be renewed through a fault on our side, and one tenant in each \
                     run is asked for until it gets one; no tenant was marked as revoked: {} \
                     Check ENTRA_CLIENT_ID, ENTRA_CLOUD, ENTRA_REQUIRED_ROLES and whether the \
                     application is enabled",
                    fault.cause.next_step()
                ),
                Transition::Recovered(fault) => tracing::info!(
                    event = "fleet_recovered", cause = %fault.cause, since = %fault.since,
                    "tokens are renewed again"
                ),
                Transition::CloudDown(cloud, since) => tracing::warn!(
                    event = "cloud_down", %cloud, %since,
                    "Microsoft's cloud {cloud} does not answer: its tenants wait, and one of \
                     them is asked for in each run"
                ),
                Transition::CloudBack(cloud, since) => tracing::info!(
                    event = "cloud_back", %cloud, %since,
                    "Microsoft's cloud {cloud} answers again"
                ),
            }
        }
    }
}
