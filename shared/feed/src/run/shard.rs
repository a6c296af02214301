//! The shards of a run: what there is to do in each, taken by its lease, and how far the run came
//! with it. A shard with nothing to do is neither taken nor written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::digest::sha256;
use auth::ports::{Looked, StoreError};
use auth::turns::Slot;
use auth::{TenantId, Timestamp};
use futures::StreamExt as _;
use futures::future::try_join_all;

use super::known::{Known, Task, known, task};
use super::state::{Held, Run, locked};
use crate::due::Due;
use crate::marks;

/// Leases end so long after the run at the latest.
const AFTER_END: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);

/// A tenant and what is to be done with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) tenant: TenantId,
    pub(super) shard: u32,
    pub(super) due: Due,
    pub(super) task: Task,
}

/// What there is to do in a shard.
pub(super) struct Found {
    shard: u32,
    at: Timestamp,
    before: Option<Looked>,
    jobs: Vec<Job>,
}

/// The tenants of a run.
pub(super) type AllKnown = BTreeMap<TenantId, Known>;

impl Run<'_> {
    /// Every shard, first those with which the runs have come least far.
    pub(super) async fn shards(&self) -> Result<(), StoreError> {
        let all = &known(self.fleet.tenants.as_ref()).await?;
        let shards = 0..self.fleet.due.shards();
        let mut found = try_join_all(shards.map(|shard| self.find(shard, all))).await?;
        found.sort_by_key(|found| found.before.as_ref().map(|before| before.until));
        let jobs = found.iter().map(|found| found.jobs.len()).sum();
        self.waiting.store(jobs, Ordering::Relaxed);
        futures::stream::iter(found)
            .then(|found| self.take(found))
            .flat_map(futures::stream::iter)
            .map(|job| self.job(job, all))
            .buffer_unordered(self.fleet.concurrency.max(1))
            .collect::<()>()
            .await;
        Ok(())
    }

    /// What there is to do. A tenant that is active and has no row gets its first turn.
    async fn find(&self, shard: u32, all: &AllKnown) -> Result<Found, StoreError> {
        let at = self.now();
        let looked = self.fleet.leases.looked(&marks::lease_of(shard)).await?;
        let before = marks::believed(looked, self.turns, at);
        let rows = self.fleet.due.rows(shard).await?;
        let slots = self
            .turns
            .between(before.as_ref().map(|before| before.until), at);
        let came = |tenant| {
            let slot = Slot::of(tenant).number();
            slots.iter().any(|slots| slots.contains(&slot))
        };
        let with_row: BTreeSet<TenantId> = rows.iter().map(|(tenant, _)| *tenant).collect();
        let job = |tenant, due, task| Job {
            tenant,
            shard,
            due,
            task,
        };
        let mut jobs: Vec<Job> = rows
            .into_iter()
            .filter_map(|(tenant, due)| {
                let task = task(all.get(&tenant), due, came(tenant), at)?;
                Some(job(tenant, due, task))
            })
            .collect();
        let shards = self.fleet.due.shards();
        let is_new = |tenant: &TenantId, known: &Known| {
            let is_here = marks::shard_of(*tenant, shards) == shard;
            is_here && known.status.is_vended() && !with_row.contains(tenant)
        };
        let new = all.iter().filter(|(tenant, known)| is_new(tenant, known));
        jobs.extend(new.map(|(tenant, _)| job(*tenant, Due::From(at), Task::Turn)));
        self.tally.knows(with_row.len());
        // In another order in each run, so that those which fail for ever are not always first.
        jobs.sort_by_cached_key(|job| {
            let now = at.unix().to_be_bytes();
            sha256(&[&now[..], &job.tenant.as_bytes()[..]].concat())
        });
        Ok(Found {
            shard,
            at,
            before,
            jobs,
        })
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
            let until = at + self.left_time() + AFTER_END;
            let (leases, name) = (&self.fleet.leases, marks::lease_of(shard));
            leases.take(&name, self.now(), until).await
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
        let in_turn = jobs.iter().filter(|job| job.due == Due::InTurn);
        let first = in_turn.map(|job| self.before_turn(job.tenant, at)).min();
        self.came_to(looked.or(first).unwrap_or(at));
        Vec::new()
    }

    /// The moment before a tenant's last turn.
    fn before_turn(&self, tenant: TenantId, at: Timestamp) -> Timestamp {
        self.turns.last(Slot::of(tenant), at) - SECOND
    }

    /// A tenant was not looked at. One whose slot's turn came holds the mark of its shard back.
    pub(super) fn leave(&self, job: &Job) {
        self.tally.left(1);
        if job.due == Due::InTurn {
            self.with_held(job.shard, |held| {
                let turn = self.turns.last(Slot::of(job.tenant), held.at) - SECOND;
                held.left = Some(held.left.map_or(turn, |left| left.min(turn)));
            });
        }
    }

    /// The turn of a tenant that is looked at in its turns ended, and all before this is listed.
    pub(super) fn listed(&self, shard: u32, until: Timestamp) {
        self.with_held(shard, |held| {
            held.listed = Some(held.listed.map_or(until, |listed| listed.min(until)));
        });
    }

    /// Up to when the lease says that a tenant is listed.
    pub(super) fn listed_until(&self, job: &Job) -> Option<Timestamp> {
        self.with_held(job.shard, |held| {
            let before = held.before.as_ref()?;
            marks::listed_until(before, self.turns, job.tenant)
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
