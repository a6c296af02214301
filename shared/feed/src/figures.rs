//! The figures of a run, from the turns of its tenants: what the alarms and the dashboard know.
//! A tenant is in no figure's name; which one it is, its lines and `operator feed status` say.

use auth::metric::Metric;
use auth::ports::Meter;
use auth::{Fault, Timestamp};

use crate::collect::{Halt, Report};
use crate::watched::Loss;

/// What a run did, over all tenants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    lag: u64,
    stored: u64,
    lost: u64,
    expired: u64,
    dead: u64,
    talking: u64,
    silent: u64,
}

impl Figures {
    /// One tenant's turn more.
    pub fn add(&mut self, report: &Report) {
        let watched = &report.watched;
        self.lag = self.lag.max(watched.behind);
        self.stored += report.records;
        self.dead += report.dead;
        // A turn that is gone on with in the same run counts its tenant at its end.
        if report.halt != Some(Halt::Deadline) {
            self.talking += u64::from(watched.talking);
            self.silent += watched.silent.len() as u64;
        }
        // What a customer held up for a week is known to the customer, and wakes no one.
        let is_ours = |loss: &&Loss| loss.fault() != Fault::Customer;
        for loss in watched.losses.iter().filter(is_ours) {
            self.lost += loss.contents;
            self.expired += loss.expired_seconds;
        }
    }

    /// The turns that were due at `since` still wait: tenants that the run did not reach are
    /// behind by that.
    pub fn waits(&mut self, since: Timestamp, now: Timestamp) {
        self.lag = self.lag.max(since.seconds_until(now));
    }

    /// Passes on what was lost, and what is no JSON, where no run does.
    pub(crate) fn record_losses(&self, meter: &dyn Meter) {
        for (metric, value) in [(Metric::FeedLost, self.lost), (Metric::FeedDead, self.dead)] {
            meter.record(metric, value);
        }
        meter.flush();
    }

    /// Passes them on.
    pub fn record(&self, meter: &dyn Meter) {
        let figures = [
            (Metric::FeedLag, self.lag),
            (Metric::FeedStored, self.stored),
            (Metric::FeedLost, self.lost),
            (Metric::FeedExpired, self.expired),
            (Metric::FeedDead, self.dead),
            (Metric::FeedTalking, self.talking),
            (Metric::FeedSilent, self.silent),
        ];
        for (metric, value) in figures {
            meter.record(metric, value);
        }
        meter.flush();
    }
}
