//! How often a tenant is looked at: the more seldom, the longer it has been quiet (decision 0066).
//!
//! A pace is a multiple of its slot's turns. Its own turns are those whose number, counted from the
//! epoch, is a multiple of it, from another number on for each tenant, so that the tenants of a
//! pace come in different runs.

use std::time::Duration;

use auth::digest::sha256;
use auth::turns::{Slot, Turns};
use auth::{TenantId, Timestamp};

/// Five minutes to an hour, at the default interval. Rows name their number: add at the end.
const MULTIPLES: [u32; 5] = [1, 2, 4, 8, 12];

/// A tenant is asked about as often as this part of the time for which it has been quiet.
const PART: u64 = 6;

/// Which turns of its slot a tenant is looked at in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pace(u8);

impl Pace {
    /// In every one.
    pub const FASTEST: Pace = Pace(0);

    /// In one of so many as in no other pace.
    pub const SLOWEST: Pace = Pace(4);

    /// Every pace, the fastest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Pace> + Clone {
        (0..=Self::SLOWEST.0).map(Pace)
    }

    /// The pace of this number. One that we do not know is of a later release: such a tenant is
    /// looked at too often rather than too seldom.
    pub fn numbered(number: i64) -> Self {
        let known = u8::try_from(number).ok().map(Pace);
        known
            .filter(|pace| *pace <= Self::SLOWEST)
            .unwrap_or(Self::FASTEST)
    }

    /// Its number, 0 for the fastest.
    pub fn number(self) -> u8 {
        self.0
    }

    /// It is looked at in one of so many turns.
    pub fn multiple(self) -> u32 {
        let multiple = MULTIPLES.get(usize::from(self.0));
        multiple.copied().unwrap_or(1)
    }

    /// From one of its turns to the next.
    pub(crate) fn period(self, turns: Turns) -> Duration {
        let seconds = turns.cycle().saturating_mul(u64::from(self.multiple()));
        Duration::from_secs(seconds)
    }

    /// A tenant's last turn at this pace that is not after `at`.
    pub(crate) fn last(self, turns: Turns, tenant: TenantId, at: Timestamp) -> Timestamp {
        let turn = turns.last(Slot::of(tenant), at);
        let cycle = i64::try_from(turns.cycle()).unwrap_or(i64::MAX);
        let number = turn.unix().div_euclid(cycle).saturating_add(place(tenant));
        let since = number.rem_euclid(i64::from(self.multiple()));
        Timestamp::from_unix(turn.unix().saturating_sub(since.saturating_mul(cycle)))
    }

    /// A tenant's first turn at this pace after `at`.
    pub(crate) fn next(self, turns: Turns, tenant: TenantId, at: Timestamp) -> Timestamp {
        self.last(turns, tenant, at) + self.period(turns)
    }
}

/// Where the own turns of a tenant begin. Not of the bytes that its slot is of.
fn place(tenant: TenantId) -> i64 {
    let digest = sha256(tenant.as_bytes());
    let bytes = digest.iter().skip(1).take(4);
    bytes.fold(0, |number, byte| number * 256 + i64::from(*byte))
}

/// What a pace follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pacing {
    /// From one turn of a slot to its next: `FEED_EVERY_SECONDS`, 256 at least.
    pub interval: Duration,
    /// What is made is listed after so long at the latest, as long as runs come on time:
    /// `FEED_LAG_MAX_SECONDS`.
    pub lag_max: Duration,
}

impl Pacing {
    /// The pace of a tenant that has been quiet for so long. `settle`: seconds for which content
    /// settles before its listing counts.
    pub(crate) fn pace(&self, quiet: Duration, settle: u32) -> Pace {
        let turns = Turns::every(self.interval);
        let settles = Duration::from_secs(u64::from(settle));
        let fits = |pace: &Pace| {
            let period = pace.period(turns);
            let is_seldom_enough = period.as_secs().saturating_mul(PART) <= quiet.as_secs();
            is_seldom_enough && period.saturating_add(settles) <= self.lag_max
        };
        Pace::all().rev().find(fits).unwrap_or(Pace::FASTEST)
    }
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
