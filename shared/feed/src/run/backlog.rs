//! What is left of a run's time goes to the backlogs, the oldest first, because it expires.

use auth::Timestamp;
use futures::StreamExt as _;

use super::known::Known;
use super::shard::Job;
use super::state::{Run, locked};
use crate::collect::Halt;

/// A tenant whose turn ended before its work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backlog {
    job: Job,
    known: Known,
    oldest: Option<Timestamp>,
}

impl Backlog {
    pub(super) fn of(job: Job, known: Known, oldest: Option<Timestamp>) -> Self {
        Self { job, known, oldest }
    }
}

impl Run<'_> {
    /// Further turns of the tenants that have more to do, until all is done or no time is left.
    pub(super) async fn backlogs(&self) {
        loop {
            let mut backlogs = std::mem::take(&mut *locked(&self.tally.backlogs));
            if backlogs.is_empty() || !self.goes_on() {
                return;
            }
            backlogs.sort_by_key(|backlog| (backlog.oldest.is_none(), backlog.oldest));
            let waiting = backlogs.len();
            futures::stream::iter(backlogs.into_iter().enumerate())
                .for_each_concurrent(self.fleet.concurrency.max(1), |(index, backlog)| {
                    self.goes_on_with(backlog, waiting - index)
                })
                .await;
        }
    }

    async fn goes_on_with(&self, backlog: Backlog, waiting: usize) {
        if !self.goes_on() {
            return;
        }
        let Backlog { job, known, .. } = backlog;
        let report = self.turn(&job, &known, self.share(waiting)).await;
        // One that comes no further in its part of the time waits for the next run.
        let came_further = report.windows > 0 || report.stored > 0;
        if report.halt == Some(Halt::Deadline) && came_further {
            let oldest = report.oldest;
            locked(&self.tally.backlogs).push(Backlog::of(job, known, oldest));
        }
    }
}
