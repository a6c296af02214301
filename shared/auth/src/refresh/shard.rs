//! A shard in one run: its lease, and how far the run comes with it. A shard with nothing to
//! look at is neither taken nor written.

use std::sync::Mutex;
use std::time::Duration;

use super::run::{Run, locked};
use crate::identifiers::TenantId;
use crate::ports::{Lease, Looked, StoreError};
use crate::timestamp::Timestamp;
use crate::turns::{Slot, Turns};

const SECOND: Duration = Duration::from_secs(1);

/// One shard.
pub(super) struct Shard {
    pub(super) number: u32,
    /// How far the runs had come with it; `None` where every slot has to be looked at.
    pub(super) looked: Option<Timestamp>,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    /// When this run began with it: everything up to then is looked at, but what is left.
    at: Option<Timestamp>,
    lease: Option<Lease>,
    /// The earliest turn that was not looked at.
    left: Option<Timestamp>,
    /// It is as far as it was.
    stays: bool,
}

impl Shard {
    pub(super) fn new(number: u32, looked: Option<Timestamp>) -> Self {
        Self {
            number,
            looked,
            progress: Mutex::default(),
        }
    }

    /// The run begins with it.
    pub(super) fn begin(&self, at: Timestamp) {
        locked(&self.progress).at = Some(at);
    }

    /// When the run began with it.
    pub(super) fn at(&self) -> Option<Timestamp> {
        locked(&self.progress).at
    }

    /// This run has it.
    pub(super) fn is_held_by(&self, lease: Lease) {
        locked(&self.progress).lease = Some(lease);
    }

    /// A tenant's turn was not looked at.
    pub(super) fn leaves(&self, tenant: TenantId, turns: Turns) {
        let mut progress = locked(&self.progress);
        let Some(at) = progress.at else { return };
        let turn = turns.last(Slot::of(tenant), at);
        progress.left = Some(progress.left.map_or(turn, |left| left.min(turn)));
    }

    /// It is as far as it was: it could not be read to its end, or another run has it, and how
    /// far that comes is not known yet.
    pub(super) fn stays(&self) {
        locked(&self.progress).stays = true;
    }

    /// Up to when its turns were looked at, as far as is known.
    fn until(&self) -> Option<Timestamp> {
        let progress = locked(&self.progress);
        match (progress.at, progress.stays) {
            (Some(at), false) => Some(progress.left.map_or(at, |left| left - SECOND)),
            _ => self.looked,
        }
    }

    fn take_lease(&self) -> Option<Lease> {
        locked(&self.progress).lease.take()
    }
}

impl Run<'_> {
    /// The shards, first those with which the runs have come least far, so that a run which ends
    /// early keeps none of them waiting for ever.
    pub(super) async fn in_order(&self) -> Result<Vec<Shard>, StoreError> {
        let shards = 0..self.refresh.tokens.shards();
        let looked = shards.map(|shard| async move { Ok((self.looked(shard).await?, shard)) });
        let mut shards = futures::future::try_join_all(looked).await?;
        shards.sort_unstable();
        let shards = shards.into_iter();
        Ok(shards
            .map(|(looked, number)| Shard::new(number, looked))
            .collect())
    }

    /// How far the runs have come with a shard; `None` where every slot has to be looked at.
    async fn looked(&self, shard: u32) -> Result<Option<Timestamp>, StoreError> {
        let (leases, name) = (&self.refresh.leases, lease_of(shard));
        let looked = self.patience.with(|| leases.looked(&name)).await?;
        // Under another schedule the slots had other turns.
        let same = looked.filter(|looked| looked.cycle == self.turns().cycle());
        Ok(same.map(|looked| looked.until))
    }

    /// Takes a shard for this run; `false` while another one has it.
    pub(super) async fn takes(&self, shard: &Shard, now: Timestamp) -> Result<bool, StoreError> {
        let (leases, name) = (&self.refresh.leases, lease_of(shard.number));
        let take = || leases.take(&name, now, self.deadline);
        let Some(lease) = self.patience.with(take).await? else {
            let shard = shard.number;
            tracing::info!(
                event = "shard_taken",
                shard,
                "another run has shard {shard}"
            );
            return Ok(false);
        };
        shard.is_held_by(lease);
        Ok(true)
    }

    /// Everything of it that this run looks at was looked at. What it holds is given back when
    /// its suspects are written down.
    pub(super) async fn conclude(&self, shard: &Shard) {
        let until = shard.until();
        until.into_iter().for_each(|until| self.came_to(until));
        let (Some(lease), cycle) = (shard.take_lease(), self.turns().cycle()) else {
            return;
        };
        match until.filter(|until| Some(*until) != shard.looked) {
            Some(until) => {
                let noted = Vec::new();
                let looked = Looked {
                    until,
                    cycle,
                    noted,
                };
                locked(&self.held).push((lease, looked));
            }
            // Its mark is where it was.
            None => drop(self.refresh.leases.release(lease).await),
        }
    }

    pub(super) fn turns(&self) -> Turns {
        self.refresh.renewal.schedule.turns()
    }
}

fn lease_of(shard: u32) -> String {
    format!("refresh#{shard}")
}
