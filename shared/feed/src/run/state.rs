//! One run: its time, its stop sign, the shards that it holds.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use auth::Timestamp;
use auth::breaker::{Breaker, Side};
use auth::ports::{Lease, Looked, StoreError};
use auth::turns::Turns;

use super::fleet::Fleet;
use super::job::Backlog;
use super::report::{EndedEarly, RunReport};
use super::tally::{Tally, locked};
use crate::marks;

/// The request that is under way when a turn's time is over, the writes after it and the leases.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// The part of it that the request has: one tenant's slow answer must not cost the others what
/// the run has to write for them.
pub(super) const LATE: Duration = Duration::from_secs(5);

/// A turn gets so much at least: with less, batches would be cut into small objects.
pub(super) const LEAST_SHARE: Duration = Duration::from_secs(15);

/// A shard that this run has taken.
pub(super) struct Held {
    pub(super) lease: Lease,
    /// What the lease said.
    pub(super) before: Option<Looked>,
    /// When its rows were asked for.
    pub(super) at: Timestamp,
    /// The moment before the first turn that is left.
    pub(super) left: Option<Timestamp>,
    /// The earliest mark of the tenants that are looked at in their turns.
    pub(super) listed: Option<Timestamp>,
}

/// One run.
pub(super) struct Run<'a> {
    pub(super) fleet: &'a Fleet,
    /// When its turns end, by [`Clock::since_start`](auth::ports::Clock::since_start).
    pub(super) end: Duration,
    pub(super) turns: Turns,
    pub(super) tally: Tally,
    /// By the number of the shard.
    pub(super) held: Mutex<Vec<(u32, Held)>>,
    /// The turns that have more to do.
    pub(super) backlogs: Mutex<Vec<Backlog>>,
    /// All turns before it were looked at, by this run or by another one.
    looked_until: Mutex<Option<Timestamp>>,
    /// Turns that are still to begin.
    pub(super) waiting: AtomicUsize,
    /// Failures in a row to ask for a tenant, or to be answered.
    pub(super) asking: Breaker,
    /// Failures in a row to store: idle tenants, which store nothing, say nothing of it.
    pub(super) storing: Breaker,
    over: AtomicBool,
    table_failed: AtomicBool,
    why: OnceLock<EndedEarly>,
}

impl<'a> Run<'a> {
    pub(super) fn new(fleet: &'a Fleet, time: Duration) -> Self {
        let clock = &fleet.collector.clock;
        Self {
            fleet,
            end: clock.since_start() + time.saturating_sub(GRACE),
            turns: marks::turns(fleet.collector.pacing.interval),
            tally: Tally::default(),
            held: Mutex::default(),
            backlogs: Mutex::default(),
            looked_until: Mutex::default(),
            waiting: AtomicUsize::new(0),
            asking: Breaker::default(),
            storing: Breaker::default(),
            over: AtomicBool::new(false),
            table_failed: AtomicBool::new(false),
            why: OnceLock::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.fleet.collector.clock.now()
    }

    pub(super) fn left_time(&self) -> Duration {
        let now = self.fleet.collector.clock.since_start();
        self.end.saturating_sub(now)
    }

    /// Whether another turn may begin.
    pub(super) fn goes_on(&self) -> bool {
        if self.left_time() < LEAST_SHARE {
            self.end_early(EndedEarly::Deadline);
        }
        !self.is_over()
    }

    /// When a turn ends that begins now, so that each of `waiting` gets a like part.
    pub(super) fn share(&self, waiting: usize) -> Duration {
        let now = self.fleet.collector.clock.since_start();
        let at_a_time = u32::try_from(self.fleet.concurrency.max(1)).unwrap_or(u32::MAX);
        let waiting = u32::try_from(waiting.max(1)).unwrap_or(u32::MAX);
        let part = self.left_time().saturating_mul(at_a_time) / waiting;
        self.end.min(now + part.max(LEAST_SHARE))
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    pub(super) fn end_early(&self, why: EndedEarly) {
        // The first reason is the one that is reported.
        let _ = self.why.set(why);
        self.over.store(true, Ordering::Relaxed);
    }

    /// One more failure that the next tenant may meet as well.
    pub(super) fn failed(&self, breaker: &Breaker, side: Side) {
        let Some(in_a_row) = breaker.failed(side) else {
            return;
        };
        let why = match side {
            Side::Here => EndedEarly::OurFault,
            Side::AtMicrosoft => EndedEarly::ApiDown,
        };
        if !self.is_over() {
            tracing::error!(
                event = "feed_run_stopped",
                why = why.as_str(),
                tenants = in_a_row,
                "{in_a_row} turns in a row failed for a reason that every tenant has; the next run \
                 tries again"
            );
        }
        self.end_early(why);
    }

    /// A table that does not answer ends the run. It is said once.
    pub(super) fn table_failed(&self, error: &StoreError) {
        self.tally.table_failed();
        if !self.table_failed.swap(true, Ordering::Relaxed) {
            tracing::error!(
                event = "feed_store_error", %error,
                "a run of the collector ended early; the next one goes on"
            );
        }
        self.end_early(EndedEarly::StoreUnavailable);
    }

    /// Of some shard all turns up to `at` were looked at.
    pub(super) fn came_to(&self, at: Timestamp) {
        let mut until = locked(&self.looked_until);
        *until = Some(until.map_or(at, |until| until.min(at)));
    }

    pub(super) fn report(&self) -> RunReport {
        let until = *locked(&self.looked_until);
        RunReport {
            ended_early: self.why.get().copied(),
            behind: until.map_or(0, |until| until.seconds_until(self.now())),
            ..self.tally.report()
        }
    }

    /// Passes the figures on.
    pub(super) fn record(&self, report: &RunReport) {
        let mut figures = self.tally.figures();
        let now = self.now();
        figures.waits(now - Duration::from_secs(report.behind), now);
        figures.record(self.fleet.meter.as_ref());
    }
}
