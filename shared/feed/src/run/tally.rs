//! What a run counts, from many turns at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::known::Task;
use super::report::RunReport;
use crate::collect::{Halt, Report};
use crate::due::{Due, Hold};
use crate::figures::Figures;
use crate::refusal::Refusal;

/// One run's counters.
#[derive(Default)]
pub(super) struct Tally(Mutex<(RunReport, Figures)>);

impl Tally {
    pub(super) fn knows(&self, tenants: usize) {
        self.count(|report| report.tenants += number(tenants));
    }

    pub(super) fn due(&self, tenants: usize) {
        self.count(|report| report.due += number(tenants));
    }

    pub(super) fn left(&self, tenants: usize) {
        self.count(|report| report.left += number(tenants));
    }

    pub(super) fn table_failed(&self) {
        self.count(|report| report.failed_by.ours += 1);
    }

    /// A tenant was held, or goes on.
    pub(super) fn moved(&self, task: Task) {
        self.count(|report| match task {
            Task::Wake => report.woken += 1,
            _ => report.held += 1,
        });
    }

    pub(super) fn turn(&self, turn: &Report) {
        let mut counts = locked(&self.0);
        let (report, figures) = &mut *counts;
        figures.add(turn);
        report.turns += 1;
        match &turn.halt {
            Some(Halt::Deadline) => report.unfinished += 1,
            Some(Halt::Raced) | None => {}
            Some(Halt::Store(_) | Halt::Damaged(_)) => report.failed_by.ours += 1,
            Some(Halt::NoToken | Halt::Throttled) => report.failed_by.microsoft += 1,
        }
        if turn.halt.is_none()
            && let Some((_, refusal)) = turn.refusals.first()
        {
            report.failed_by.add(refusal.fault());
        }
        report.without_token += u32::from(has_no_token(turn));
        report.stopped += u32::from(turn.due == Some(Due::Held(Hold::Left)));
        report.requests += u64::from(turn.requests);
        report.windows += u64::from(turn.windows);
        report.named += turn.named;
        report.handed += u64::from(turn.handed);
        report.batches += u64::from(turn.batches);
        report.stored += turn.stored;
        report.lost += turn.lost;
        report.expired_seconds += turn.expired_seconds;
        report.records += turn.records;
        report.dead += turn.dead;
        report.bytes += turn.bytes;
        report.lag = report.lag.max(turn.watched.behind);
    }

    /// The counters; the rest is the run's to say.
    pub(super) fn report(&self) -> RunReport {
        locked(&self.0).0.clone()
    }

    pub(super) fn figures(&self) -> Figures {
        locked(&self.0).1
    }

    fn count(&self, count: impl FnOnce(&mut RunReport)) {
        count(&mut locked(&self.0).0);
    }
}

/// There was none at all. A tenant that left has none any more, and that is as it should be.
fn has_no_token(turn: &Report) -> bool {
    let mut refusals = turn.refusals.iter();
    let is_held = !turn.refusals.is_empty() && turn.due != Some(Due::Held(Hold::Left));
    let has_none = is_held && refusals.all(|(_, refusal)| *refusal == Refusal::NoToken);
    turn.halt == Some(Halt::NoToken) || has_none
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A panic while the lock was held leaves a value that is still a value.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
