//! What workers do, by the messages of the queue: tenants that a webhook woke, and windows that
//! turns handed out.
//!
//! A message is never the truth. Whom it names is looked up, as of every tenant; what it asks for
//! is done where the ledger says that it is due, and else costs no request. Messages about one
//! tenant that come together are one turn.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use auth::ports::{Looked, StoreError};
use auth::{TenantId, Timestamp};
use futures::StreamExt as _;

use super::fleet::Fleet;
use super::one::say;
use super::state::{GRACE, LATE, LEAST_SHARE};
use super::tally::locked;
use super::worked::Worked;
use crate::address::FeedHost;
use crate::collect::{Halt, Report, Turn};
use crate::content_type::ContentType;
use crate::due::Due;
use crate::marks;
use crate::pace::Pace;
use crate::refusal::Refusal;
use crate::wake::Wake;
use crate::window::Window;

/// A message of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When it was sent, by the queue.
    pub sent: Timestamp,
    /// What it says.
    pub wake: Wake,
}

/// What the messages about a tenant ask for together.
enum Task {
    Types(BTreeMap<ContentType, Timestamp>),
    Window(ContentType, Window),
}

/// A task, and which messages are about it.
struct Job {
    tenant: TenantId,
    task: Task,
    messages: Vec<usize>,
}

/// What became of a job.
enum Done {
    /// There is nothing left to do.
    Whole(Report),
    /// It is to come again.
    Again(Report),
    /// There was nothing to do.
    Dropped,
}

impl Fleet {
    /// Does what these messages ask for, within `time`. What was not done, and can be another
    /// time, is among [`Worked::failed`]: the queue brings it again.
    pub async fn work(&self, messages: &[Message], time: Duration) -> Worked {
        let end = self.collector.clock.since_start() + time.saturating_sub(GRACE);
        let worked = Mutex::new(Worked::of(messages.len()));
        let jobs = jobs(messages);
        futures::stream::iter(&jobs)
            .for_each_concurrent(self.concurrency.max(1), |job| async {
                let done = self.do_one(job, end).await;
                job.end(&done, &mut locked(&worked));
            })
            .await;
        let worked = locked(&worked).clone();
        worked.log();
        worked.record(self.meter.as_ref());
        worked
    }

    async fn do_one(&self, job: &Job, end: Duration) -> Done {
        let left = end.saturating_sub(self.collector.clock.since_start());
        if left < LEAST_SHARE {
            return Done::Again(Report::default());
        }
        let host = match self.admitted(job.tenant).await {
            Ok(Some(host)) => host,
            Ok(None) => return Done::Dropped,
            Err(error) => return failed(job.tenant, &error),
        };
        let turn = Turn {
            tenant: job.tenant,
            host,
            leaves: false,
            deadline: end,
            dropped_at: end + LATE,
        };
        let report = match &job.task {
            Task::Window(content_type, window) => {
                let wanted = (*content_type, *window);
                self.collector.beside(&turn, wanted).await
            }
            Task::Types(types) => match self.looked(job.tenant).await {
                Ok(looked) => self.collector.woken(&turn, types, looked.as_ref()).await,
                Err(error) => return failed(job.tenant, &error),
            },
        };
        if let Some(halt) = &report.halt {
            say(job.tenant, halt);
        }
        self.hastens(&turn, &report).await;
        judged(&job.task, report)
    }

    /// The host of a tenant that is active.
    ///
    /// Fails closed because a message names anyone: nothing is asked for a tenant that the table
    /// does not know as active, or whose row says not which cloud's host its token may be sent to.
    async fn admitted(&self, tenant: TenantId) -> Result<Option<FeedHost>, StoreError> {
        let found = match self.tenants.find(tenant).await {
            Err(StoreError::Damaged(_)) => None,
            found => found?,
        };
        let active = found.filter(|tenant| tenant.status.is_vended());
        Ok(active.map(|tenant| match &self.host {
            Some(host) => host.clone(),
            None => FeedHost::of(tenant.cloud),
        }))
    }

    /// What the lease of the tenant's shard says. Read before the tenant's row: what a run has
    /// noted since is not taken for something that was read before.
    async fn looked(&self, tenant: TenantId) -> Result<Option<Looked>, StoreError> {
        let turns = marks::turns(self.collector.pacing.interval);
        let lease = marks::lease_of(marks::shard_of(tenant, self.due.shards()));
        let looked = self.leases.looked(&lease).await?;
        let now = self.collector.clock.now();
        Ok(marks::believed(looked, turns, now))
    }

    /// A tenant that was looked at seldom, and has something, is looked at in the next run, which
    /// puts it where it belongs.
    async fn hastens(&self, turn: &Turn, report: &Report) {
        let is_seldom = matches!(report.due, Some(Due::InTurn(pace)) if pace > Pace::FASTEST);
        if is_seldom && report.stored > 0 {
            let now = self.collector.clock.now();
            if let Err(error) = self.due.look_again(turn.tenant, now).await {
                tracing::error!(
                    event = "feed_store_error", %error,
                    "a tenant that was woken was not put forward; its turn comes later"
                );
            }
        }
    }
}

/// One job for the types of each tenant, and one for each window.
fn jobs(messages: &[Message]) -> Vec<Job> {
    let mut woken: BTreeMap<TenantId, Job> = BTreeMap::new();
    let mut windows: BTreeMap<_, Job> = BTreeMap::new();
    for (index, message) in messages.iter().enumerate() {
        let tenant = message.wake.tenant();
        let job = match &message.wake {
            Wake::Notified { types, .. } => {
                let job = woken.entry(tenant).or_insert_with(|| Job {
                    tenant,
                    task: Task::Types(BTreeMap::new()),
                    messages: Vec::new(),
                });
                if let Task::Types(all) = &mut job.task {
                    for one in types {
                        let sent = all.entry(*one).or_insert(message.sent);
                        *sent = message.sent.max(*sent);
                    }
                }
                job
            }
            Wake::Window {
                content_type,
                window,
                ..
            } => windows
                .entry((tenant, *content_type, *window))
                .or_insert_with(|| Job {
                    tenant,
                    task: Task::Window(*content_type, *window),
                    messages: Vec::new(),
                }),
        };
        job.messages.push(index);
    }
    woken.into_values().chain(windows.into_values()).collect()
}

fn failed(tenant: TenantId, error: &StoreError) -> Done {
    tracing::error!(
        event = "feed_store_error", %tenant, %error,
        "what the queue asked for was not done; it comes again"
    );
    Done::Again(Report::default())
}

/// Whether it comes again. A window does not: what is left of it is in its row, or its claim ends.
fn judged(task: &Task, report: Report) -> Done {
    let is_window = matches!(task, Task::Window(..));
    let passes = |(_, refusal): &(ContentType, Refusal)| {
        matches!(refusal, Refusal::Unavailable | Refusal::Throttled)
    };
    let is_passing = match &report.halt {
        Some(Halt::Damaged(_)) => false,
        Some(Halt::Store(_)) => true,
        Some(_) => !is_window,
        None => !is_window && report.refusals.iter().any(passes),
    };
    if is_passing {
        Done::Again(report)
    } else if report.requests == 0 {
        Done::Dropped
    } else {
        Done::Whole(report)
    }
}

impl Job {
    fn end(&self, done: &Done, worked: &mut Worked) {
        match done {
            Done::Whole(report) => worked.adds(report),
            Done::Again(report) => {
                worked.adds(report);
                worked.fails(&self.messages);
            }
            Done::Dropped => worked.drops(self.messages.len()),
        }
    }
}
