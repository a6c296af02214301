//! What is left of a run's time goes to the backlogs, the oldest first, because it expires.

use futures::StreamExt as _;

use super::job::Backlog;
use super::state::Run;
use super::tally::locked;
use crate::collect::Halt;

impl Run<'_> {
    /// Further turns of the tenants that have more to do, until all is done or no time is left.
    pub(super) async fn backlogs(&self) {
        loop {
            let mut backlogs = std::mem::take(&mut *locked(&self.backlogs));
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
            locked(&self.backlogs).push(Backlog {
                oldest: report.oldest,
                ..backlog
            });
        }
    }
}
