//! One shard in one run: what is looked at in it, and how far the run comes with it. What
//! waits for no turn comes first, then the slots whose turn came, in the order of their turns.
//! A shard with nothing to look at is neither taken nor written.

use std::iter::repeat_with;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::{ready, try_join_all};
use futures::{Stream, StreamExt as _};

use super::run::{By, Run, locked};
use crate::identifiers::TenantId;
use crate::ports::{Looked, ReadRecord, StoreError};
use crate::resource::Resource;
use crate::timestamp::Timestamp;
use crate::turns::{Slot, Turns};

/// How many records that wait for no turn one query brings.
const PAGE: u32 = 100;
const SECOND: Duration = Duration::from_secs(1);

type Named = (TenantId, Resource);

/// What there is to look at in a shard.
struct Found {
    at: Timestamp,
    /// What waits for no turn, the longest due first: a page at most.
    pressing: Vec<Named>,
    /// What its slot's turn brought, in the order of turns.
    in_turn: Vec<Named>,
}

impl Run<'_> {
    /// Looks at every shard, first where the runs have come least far, so that a run which
    /// ends early keeps none of them waiting for ever. Once it is over, it only finds out what
    /// it leaves.
    pub(super) async fn shards(&self) -> Result<(), StoreError> {
        let shards = 0..self.refresh.tokens.shards();
        let looked = shards.map(|shard| async move { Ok((self.looked(shard).await?, shard)) });
        let mut shards = try_join_all(looked).await?;
        shards.sort_unstable();
        let mut left = shards.into_iter();
        let mut outcome = Ok(());
        while self.table_answers() && outcome.is_ok() {
            let Some((looked, shard)) = left.next() else {
                break;
            };
            outcome = self.shard(shard, looked).await;
            if outcome.is_err() {
                self.stays_at(looked);
            }
        }
        left.for_each(|(looked, _)| self.stays_at(looked));
        outcome
    }

    /// A shard that was not looked at is as far as it was, where that is known.
    fn stays_at(&self, looked: Option<Timestamp>) {
        looked.into_iter().for_each(|looked| self.came_to(looked));
    }

    /// How far the runs have come with a shard; `None` where every slot has to be looked at.
    async fn looked(&self, shard: u32) -> Result<Option<Timestamp>, StoreError> {
        let looked = self.refresh.leases.looked(&lease_of(shard)).await?;
        // Under another schedule the slots had other turns.
        let same = looked.filter(|looked| looked.cycle == self.turns().cycle());
        Ok(same.map(|looked| looked.until))
    }

    async fn shard(&self, shard: u32, looked: Option<Timestamp>) -> Result<(), StoreError> {
        let found = self.find(shard, looked).await?;
        if found.pressing.is_empty() && found.in_turn.is_empty() {
            self.came_to(found.at);
            return Ok(());
        }
        if self.is_over() {
            let page_was_full = found.pressing.len() >= PAGE as usize;
            self.leave_all(&found.pressing, page_was_full).await;
            self.came_to(self.before_first(&found));
            return Ok(());
        }
        let (leases, name) = (&self.refresh.leases, lease_of(shard));
        let Some(lease) = leases.take(&name, found.at, self.deadline).await? else {
            tracing::info!(
                event = "shard_taken",
                shard,
                "another run has shard {shard}"
            );
            // Without a mark, what was found says which turns some run has still to look at.
            self.came_to(looked.unwrap_or_else(|| self.before_first(&found)));
            return Ok(());
        };
        match self.work(shard, found).await {
            Ok(until) => {
                self.came_to(until);
                let cycle = self.turns().cycle();
                let noted = Vec::new();
                let looked = Looked {
                    until,
                    cycle,
                    noted,
                };
                locked(&self.held).push((lease, looked));
                Ok(())
            }
            Err(error) => leases.release(lease).await.and(Err(error)),
        }
    }

    async fn find(&self, shard: u32, looked: Option<Timestamp>) -> Result<Found, StoreError> {
        let (tokens, at) = (&self.refresh.tokens, self.refresh.clock.now());
        let pressing = tokens.due(shard, at, PAGE).await?;
        let mut in_turn = Vec::new();
        for slots in self.turns().between(looked, at) {
            in_turn.extend(tokens.at_turns(shard, &slots).await?);
        }
        Ok(Found {
            at,
            pressing,
            in_turn,
        })
    }

    /// Looks at everything that was found; up to which moment the turns were looked at.
    async fn work(&self, shard: u32, found: Found) -> Result<Timestamp, StoreError> {
        self.pages(shard, found.pressing).await?;
        let (turns, at) = (self.turns(), found.at);
        let left = self
            .records(found.in_turn)
            .map(|((tenant, resource), read)| async move {
                let looked = self.one((tenant, &resource), read, By::Turn).await;
                (!looked).then(|| turns.last(Slot::of(tenant), at))
            })
            .buffer_unordered(self.refresh.concurrency.max(1))
            .filter_map(ready)
            .fold(None, |earliest: Option<Timestamp>, left| {
                ready(Some(earliest.map_or(left, |earliest| earliest.min(left))))
            })
            .await;
        Ok(left.map_or(at, |left| left - SECOND))
    }

    /// Each with its record; as many are read at once as are worked on at a time, and none after
    /// the end of the run.
    fn records(&self, named: Vec<Named>) -> impl Stream<Item = (Named, Option<ReadRecord>)> {
        let at_once = self.refresh.concurrency.max(1);
        let parts: Vec<Vec<Named>> = named.chunks(at_once).map(<[Named]>::to_vec).collect();
        futures::stream::iter(parts)
            .then(move |part| async move {
                let read = match self.is_over() {
                    true => Vec::new(),
                    false => self.refresh.tokens.read_each(&part).await,
                };
                let read = read.into_iter().map(Some).chain(repeat_with(|| None));
                part.into_iter().zip(read)
            })
            .flat_map(futures::stream::iter)
    }

    /// Takes what waits for no turn page by page. A page that left nothing behind in the
    /// index, because each record moved to a later time, is followed by the next.
    async fn pages(&self, shard: u32, first: Vec<Named>) -> Result<(), StoreError> {
        let mut due = first;
        loop {
            let moved_before = self.moved.load(Ordering::Relaxed);
            let page_was_full = due.len() >= PAGE as usize;
            let left: Vec<Named> = self
                .records(due)
                .map(|((tenant, resource), read)| async move {
                    let looked = self.one((tenant, &resource), read, By::Time).await;
                    (!looked).then_some((tenant, resource))
                })
                .buffer_unordered(self.refresh.concurrency.max(1))
                .filter_map(ready)
                .collect()
                .await;
            if self.is_over() {
                self.leave_all(&left, page_was_full).await;
                return Ok(());
            }
            // A page that moved nothing would come back as it is.
            let moved = self.moved.load(Ordering::Relaxed) > moved_before;
            if !page_was_full || !moved {
                return Ok(());
            }
            let now = self.refresh.clock.now();
            due = self.refresh.tokens.due(shard, now, PAGE).await?;
        }
    }

    /// Finds out how long the tokens live that are left for the next run. What a full page does
    /// not show has perhaps no life left: too little is reported rather than too much.
    async fn leave_all(&self, left: &[Named], page_was_full: bool) {
        if !self.table_answers() {
            return;
        }
        futures::stream::iter(left)
            .for_each_concurrent(self.refresh.concurrency.max(1), |(tenant, resource)| {
                self.leave(*tenant, resource)
            })
            .await;
        if page_was_full {
            self.tally.lives(0);
        }
    }

    /// The moment before the first turn that is left.
    fn before_first(&self, found: &Found) -> Timestamp {
        let turn = |(tenant, _): &Named| self.turns().last(Slot::of(*tenant), found.at) - SECOND;
        found.in_turn.first().map_or(found.at, turn)
    }

    fn turns(&self) -> Turns {
        self.refresh.renewal.schedule.turns()
    }
}

fn lease_of(shard: u32) -> String {
    format!("refresh#{shard}")
}
