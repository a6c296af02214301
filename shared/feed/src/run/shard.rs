//! The shards of a run: what there is to do in each, taken by its lease, and how far the run came
//! with it. A shard with nothing to do is neither taken nor written.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::digest::sha256;
use auth::ports::{Looked, StoreError};
use auth::{TenantId, Timestamp};
use futures::future::try_join_all;
use futures::{FutureExt as _, StreamExt as _};

use super::job::Job;
use super::known::{AllKnown, Task, known, task};
use super::state::{Held, Run};
use super::tally::locked;
use crate::due::Due;
use crate::marks::{self, Mark};

/// Leases end so long after the run at the latest.
const AFTER_END: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);

/// What there is to do in a shard.
pub(super) struct Found {
    shard: u32,
    at: Timestamp,
    before: Option<Looked>,
    jobs: Vec<Job>,
}

impl Run<'_> {
    /// Every shard, first those with which the runs have come least far.
    pub(super) async fn shards(&self) -> Result<(), StoreError> {
        let all = &known(self.fleet.tenants.as_ref()).await?;
        let shards = 0..self.fleet.due.shards();
        let mut found = try_join_all(shards.map(|shard| self.find(shard, all))).await?;
        found.sort_by_key(|found| found.before.as_ref().map(|before| before.until));
        let jobs = found.iter().map(|found| found.jobs.len()).sum();
        self.waiting.store(jobs, Ordering::Relaxed);
        // One after the other, as there is room for their jobs.
        let taken: Vec<_> = found
            .into_iter()
            .map(|found| self.take(found).boxed())
            .collect();
        futures::stream::iter(taken)
            .buffered(1)
            .flat_map(futures::stream::iter)
            .map(|job| self.job(job, all))
            .buffer_unordered(self.fleet.concurrency.max(1))
            .collect::<()>()
            .await;
        Ok(())
    }

    /// What there is to do.
    async fn find(&self, shard: u32, all: &AllKnown) -> Result<Found, StoreError> {
        let at = self.now();
        let looked = self.fleet.leases.looked(&marks::lease_of(shard)).await?;
        let before = marks::believed(looked, self.turns, at);
        let rows = self.fleet.due.rows(shard).await?;
        self.tally.knows(rows.len());
        let mut jobs = self.of_rows(shard, before.as_ref(), &rows, (all, at));
        let with_row: BTreeSet<TenantId> = rows.iter().map(|(tenant, _)| *tenant).collect();
        jobs.extend(self.new_ones(shard, &with_row, (all, at)));
        jobs.sort_by_cached_key(|job| self.place(before.as_ref(), job, at));
        Ok(Found {
            shard,
            at,
            before,
            jobs,
        })
    }

    fn of_rows(
        &self,
        shard: u32,
        before: Option<&Looked>,
        rows: &[(TenantId, Due)],
        (all, at): (&AllKnown, Timestamp),
    ) -> Vec<Job> {
        let job = |&(tenant, due): &(TenantId, Due)| {
            let came = match due {
                Due::InTurn(pace) => marks::came(before, self.turns, (tenant, pace), at),
                Due::From(_) | Due::Held(_) => false,
            };
            Some(Job {
                tenant,
                shard,
                due,
                task: task(all.get(&tenant), due, came, at)?,
            })
        };
        rows.iter().filter_map(job).collect()
    }

    /// A tenant that is active and has no row gets its first turn, which makes the row.
    fn new_ones(
        &self,
        shard: u32,
        with_row: &BTreeSet<TenantId>,
        (all, at): (&AllKnown, Timestamp),
    ) -> Vec<Job> {
        let shards = self.fleet.due.shards();
        let active = all.iter().filter(|(_, known)| known.status.is_vended());
        let of_shard = active
            .map(|(tenant, _)| *tenant)
            .filter(|tenant| marks::shard_of(*tenant, shards) == shard);
        of_shard
            .filter(|tenant| !with_row.contains(tenant))
            .map(|tenant| Job {
                tenant,
                shard,
                due: Due::From(at),
                task: Task::Turn,
            })
            .collect()
    }

    /// Where a job comes among those of its shard: in the order of turns. What waits for no turn is
    /// at another place in each run, so that what fails for ever is not always first.
    fn place(&self, before: Option<&Looked>, job: &Job, at: Timestamp) -> Timestamp {
        if let Some(turn) = self.turn_of(before, job, at) {
            return turn;
        }
        let now = at.unix().to_be_bytes();
        let digest = sha256(&[&now[..], &job.tenant.as_bytes()[..]].concat());
        let part = u64::from(digest[0]) * self.turns.cycle() / 256;
        let first = before.map_or(at - Duration::from_secs(self.turns.cycle()), |before| {
            before.until
        });
        first + Duration::from_secs(part)
    }

    /// The turn of a job that is looked at in its turns.
    fn turn_of(&self, before: Option<&Looked>, job: &Job, at: Timestamp) -> Option<Timestamp> {
        let Due::InTurn(pace) = job.due else {
            return None;
        };
        let who = (job.tenant, pace);
        Some(marks::turn_of(before, self.turns, who, at))
    }

    /// The jobs of a shard that this run takes.
    async fn take(&self, found: Found) -> Vec<Job> {
        let Found {
            shard,
            at,
            before,
            jobs,
        } = found;
        if jobs.is_empty() {
            self.came_to(at);
            return Vec::new();
        }
        let count = jobs.len();
        let looked = before.as_ref().map(|before| before.until);
        let taken = if self.goes_on() {
            let (leases, name) = (&self.fleet.leases, marks::lease_of(shard));
            let now = self.now();
            let until = now + self.left_time() + AFTER_END;
            leases.take(&name, now, until).await
        } else {
            Ok(None)
        };
        match taken {
            Ok(Some(lease)) => {
                self.tally.due(count);
                locked(&self.held).push((
                    shard,
                    Held {
                        lease,
                        before,
                        at,
                        left: None,
                        listed: None,
                    },
                ));
                return jobs;
            }
            Ok(None) if self.is_over() => self.tally.left(count),
            Ok(None) => tracing::info!(
                event = "shard_taken",
                shard,
                "another run has shard {shard}"
            ),
            Err(error) => self.table_failed(&error),
        }
        self.waiting.fetch_sub(count, Ordering::Relaxed);
        // Without a mark, what was found says which turns some run has still to look at.
        let turns = jobs.iter().filter_map(|job| self.turn_of(None, job, at));
        let first = turns.map(|turn| turn - SECOND).min();
        self.came_to(looked.or(first).unwrap_or(at));
        Vec::new()
    }

    /// A tenant was not looked at. One whose slot's turn came holds the mark of its shard back.
    pub(super) fn leave(&self, job: &Job) {
        self.tally.left(1);
        self.with_held(job.shard, |held| {
            if let Some(turn) = self.turn_of(held.before.as_ref(), job, held.at) {
                let before = turn - SECOND;
                held.left = Some(held.left.map_or(before, |left| left.min(before)));
            }
        });
    }

    /// The turn of a tenant that is looked at in its turns ended, and all before this is listed.
    pub(super) fn listed(&self, shard: u32, until: Timestamp) {
        self.with_held(shard, |held| {
            held.listed = Some(held.listed.map_or(until, |listed| listed.min(until)));
        });
    }

    /// What the lease says of a tenant.
    pub(super) fn mark_of(&self, job: &Job) -> Option<Mark> {
        self.with_held(job.shard, |held| {
            let before = held.before.as_ref()?;
            marks::mark_of(before, self.turns, job.tenant, job.due)
        })
        .flatten()
    }

    fn with_held<T>(&self, shard: u32, act: impl FnOnce(&mut Held) -> T) -> Option<T> {
        let mut all = locked(&self.held);
        let held = all.iter_mut().find(|(number, _)| *number == shard)?;
        Some(act(&mut held.1))
    }

    /// Gives the shards back, now that every turn has ended.
    pub(super) async fn give_back(&self) {
        let held = std::mem::take(&mut *locked(&self.held));
        for (_, held) in held {
            let until = held.left.unwrap_or(held.at);
            self.came_to(until);
            let looked = marks::looked(
                held.before.as_ref(),
                self.turns,
                (held.at, until),
                held.listed,
            );
            let given_back = self.fleet.leases.release_at(held.lease, looked).await;
            if let Err(error) = given_back {
                self.table_failed(&error);
            }
        }
    }
}
