//! A tenant in a run: its turn, and what it says of the others.

use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::TenantId;

use super::job::{Backlog, Job};
use super::known::{AllKnown, Known, Task};
use super::state::{LATE, Run};
use super::tally::locked;
use crate::address::FeedHost;
use crate::collect::{Halt, Report, Turn};
use crate::due::Due;

/// A row that cannot be used is looked at again so soon.
const LOOK_AGAIN: Duration = Duration::from_secs(15 * 60);

impl Run<'_> {
    /// Does what is to be done with a tenant, or leaves it.
    pub(super) async fn job(&self, job: Job, all: &AllKnown) {
        let waiting = self.waiting.fetch_sub(1, Ordering::Relaxed);
        if !self.goes_on() {
            return self.leave(&job);
        }
        match (job.task, all.get(&job.tenant)) {
            (Task::Turn | Task::LastTurn, Some(known)) => {
                self.first_turn(job, known, waiting).await
            }
            (Task::Wake, Some(known)) if self.wake(&job, known).await => {
                self.first_turn(job, known, waiting).await;
            }
            (Task::Wake, Some(_)) => {}
            _ => self.hold(&job).await,
        }
    }

    async fn first_turn(&self, job: Job, known: &Known, waiting: usize) {
        let report = self.turn(&job, known, self.share(waiting)).await;
        // Of one that met another session, too: that one is over soon.
        if matches!(report.halt, Some(Halt::Deadline | Halt::Raced)) {
            locked(&self.backlogs).push(Backlog {
                job,
                known: *known,
                oldest: report.oldest,
            });
        }
    }

    /// One turn, which ends at `deadline`.
    pub(super) async fn turn(&self, job: &Job, known: &Known, deadline: Duration) -> Report {
        let turn = Turn {
            tenant: job.tenant,
            host: match &self.fleet.host {
                Some(host) => host.clone(),
                None => FeedHost::of(known.cloud),
            },
            leaves: job.task == Task::LastTurn,
            deadline,
            dropped_at: self.end + LATE,
        };
        let mark = self.mark_of(job);
        let report = self.fleet.collector.turn(&turn, mark).await;
        self.tally.turn(&report);
        self.judge(&report);
        if let Some(halt) = &report.halt {
            say(job.tenant, halt);
        }
        match (report.due, report.listed_until) {
            (Some(Due::InTurn(_)), Some(until)) => self.listed(job.shard, until),
            (None, _) => self.look_again(job, report.halt.as_ref()).await,
            _ => {}
        }
        report
    }

    /// Its row says nothing of this turn: by the index the next run looks at it.
    async fn look_again(&self, job: &Job, halt: Option<&Halt>) {
        if matches!(job.due, Due::From(_)) && !matches!(halt, Some(Halt::Damaged(_))) {
            // It is where it would be put.
            return;
        }
        let now = self.now();
        let at = match halt {
            Some(Halt::Damaged(_)) => now + LOOK_AGAIN,
            _ => now,
        };
        if let Err(error) = self.fleet.due.look_again(job.tenant, at).await {
            self.table_failed(&error);
            self.leave(job);
        }
    }
}

/// What is only late is no line: the report has it.
pub(super) fn say(tenant: TenantId, halt: &Halt) {
    match halt {
        Halt::Deadline | Halt::Raced => {}
        Halt::Store(error) | Halt::Damaged(error) => tracing::error!(
            event = "feed_turn_halted", %tenant, why = halt.as_str(), error,
            "a tenant's turn ended early"
        ),
        Halt::NoToken | Halt::Throttled => tracing::info!(
            event = "feed_turn_halted", %tenant, why = halt.as_str(),
            "a tenant's turn ended early"
        ),
    }
}
