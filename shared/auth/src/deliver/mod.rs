//! Delivery: what waits in the outbox goes to every destination, and leaves the outbox when all of
//! them have it. At least once: a process may end between a delivery and the writing down of it.
//!
//! It comes after the work that it is about, and has a time of its own, so that many events and
//! a destination that does not answer delay no renewal. Within a pass a destination that failed
//! [`FAILURES_MAX`] times in a row is left alone; across passes each event has its own back-off.
//! Events of one tenant come in the order of time, but for those that are repeated: no order is
//! promised (decision 0069).

mod backoff;
mod log;
mod parts;
mod pass;

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::{Either, select};

use crate::metric::Metric;
use crate::ports::{SENT_AT_ONCE, StoreError};
use pass::Pass;

pub use backoff::{BACK_OFF_MAX, GIVEN_UP_AFTER};
pub use log::LogSink;
pub use parts::DeliveryParts;
pub use pass::{Delivered, FAILURES_MAX};

/// What a scheduled run leaves for it, at most.
pub const TIME_OF_A_RUN: Duration = Duration::from_secs(10);
/// What a request leaves for it that somebody waits for.
pub const TIME_OF_A_REQUEST: Duration = Duration::from_secs(2);

/// Shards that are worked on side by side.
const SHARDS_AT_ONCE: usize = 4;
/// Events that are read at once.
const PAGE: u32 = 100;
/// A lease outlives its pass by this: the clock counts whole seconds.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// What is likely to be in a shard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expects {
    /// Mostly nothing.
    Little,
    /// What this process has put there.
    Events,
}

/// Delivers events.
pub struct Delivery {
    parts: DeliveryParts,
}

impl Delivery {
    /// Delivers through these.
    pub fn new(parts: DeliveryParts) -> Self {
        Self { parts }
    }

    /// Delivers what waits in any shard, for `time` at most. An empty outbox costs one query for
    /// each shard.
    pub async fn all(&self, time: Duration) -> Delivered {
        // What was written here is among it.
        self.parts.outbox.written_here();
        let shards = (0..self.parts.outbox.shards()).collect();
        let delivered = self.within(time, shards, Expects::Little).await;
        if let Some(meter) = &self.parts.meter {
            meter.record(Metric::EventsWaiting, delivered.longest_wait.unwrap_or(0));
        }
        delivered
    }

    /// Delivers what waits in the shards that this process has written to; where it has written to
    /// none, nothing is asked.
    pub async fn written_here(&self, time: Duration) -> Delivered {
        let written = self.parts.outbox.written_here();
        self.within(time, written, Expects::Events).await
    }

    async fn within(&self, time: Duration, shards: BTreeSet<u32>, expects: Expects) -> Delivered {
        let pass = Pass::new(&self.parts);
        if shards.is_empty() || time.is_zero() {
            return pass.delivered();
        }
        let all = futures::stream::iter(shards).for_each_concurrent(SHARDS_AT_ONCE, |shard| {
            let pass = &pass;
            async move {
                if let Err(error) = self.shard(pass, (shard, expects), time).await {
                    pass.store_failed(error);
                }
            }
        });
        let late = self.parts.pause.pause(time);
        // What is cut off is delivered by the next run, perhaps once more.
        if let Either::Right(_) = select(Box::pin(all), late).await {
            pass.cut_off();
        }
        pass.report();
        pass.delivered()
    }

    async fn shard(
        &self,
        pass: &Pass<'_>,
        (shard, expects): (u32, Expects),
        time: Duration,
    ) -> Result<(), StoreError> {
        let DeliveryParts {
            outbox,
            leases,
            clock,
            ..
        } = &self.parts;
        // Asked before the lease, which is a write: most shards are empty.
        if expects == Expects::Little {
            let first = outbox.waiting(shard, None, 1).await?;
            if first.events.is_empty() && first.next.is_none() {
                return Ok(());
            }
        }
        let now = clock.now();
        let until = now + time + LEASE_MARGIN;
        let Some(lease) = leases.take(&outbox.lease(shard), now, until).await? else {
            return Ok(());
        };
        let outcome = self.drain(pass, shard).await;
        leases.release(lease).await?;
        outcome
    }

    /// Reads on while anything is taken or may be: an event that waits for its turn hides no other.
    async fn drain(&self, pass: &Pass<'_>, shard: u32) -> Result<(), StoreError> {
        let mut after = None;
        while pass.goes_on() {
            let page = self.parts.outbox.waiting(shard, after.as_deref(), PAGE);
            let page = page.await?;
            let due = pass.due(page.events);
            for batch in due.chunks(SENT_AT_ONCE) {
                pass.batch(batch).await?;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(())
    }
}
