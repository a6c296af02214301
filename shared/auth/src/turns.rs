//! When the refresher looks at a token: each tenant has one of 256 slots, for ever, and each
//! slot has one turn in every cycle. The cycle is so long as an hour's token may wait, so that
//! a renewal changes nothing in the index that says when to look (decision 0050).
//!
//! A run takes the slots whose turn came since the runs before it. It renews what cannot wait
//! for its slot's next turn.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::digest::sha256;
use crate::identifiers::TenantId;
use crate::timestamp::Timestamp;

/// How many slots there are. Rows name theirs: never change it.
pub const SLOTS: u32 = 256;

/// A tenant's place in the cycle. It never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u8);

impl Slot {
    /// The first byte of the SHA-256 of the tenant's GUID, which spreads even consecutive
    /// GUIDs and comes out the same in every version of this program.
    pub fn of(tenant: TenantId) -> Self {
        let [first, ..] = sha256(tenant.as_bytes());
        Self(first)
    }

    /// The slot of this number.
    pub const fn numbered(number: u8) -> Self {
        Self(number)
    }

    /// Its number, 0 to 255.
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// When the refresher looks at a record again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// At the turns of its tenant's slot. Writing it again changes no key of the index.
    AtItsTurns,
    /// In the first run that is not before this, and in every one after it: for what failed,
    /// is new, or cannot wait for its turn.
    From(Timestamp),
}

/// The turns of all slots under one schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turns {
    /// Seconds; at least one for each slot.
    cycle: i64,
}

impl Turns {
    /// One turn of each slot in every `cycle`, counted from the epoch.
    pub fn every(cycle: Duration) -> Self {
        let seconds = i64::try_from(cycle.as_secs()).unwrap_or(i64::MAX);
        Self {
            cycle: seconds.clamp(i64::from(SLOTS), 1 << 40),
        }
    }

    /// Seconds from one turn of a slot to its next.
    pub fn cycle(self) -> u64 {
        self.cycle.unsigned_abs()
    }

    /// The first turn of `slot` after `at`.
    pub fn next(self, slot: Slot, at: Timestamp) -> Timestamp {
        self.last(slot, at) + Duration::from_secs(self.cycle())
    }

    /// The last turn of `slot` that is not after `at`.
    pub fn last(self, slot: Slot, at: Timestamp) -> Timestamp {
        let since = (at.unix() - self.offset(slot.0)).rem_euclid(self.cycle);
        Timestamp::from_unix(at.unix() - since)
    }

    /// The slots whose turn came after `since` and not after `now`, in the order of their
    /// turns. All of them where it is not known how far the runs have come, or where that lies
    /// a cycle back or ahead of the clock, which then was set back.
    pub fn between(self, since: Option<Timestamp>, now: Timestamp) -> Vec<RangeInclusive<u8>> {
        let known = since.filter(|since| *since <= now && since.seconds_until(now) < self.cycle());
        let last = self.slot_at(now);
        let Some(since) = known else {
            return around(last.wrapping_add(1), last);
        };
        let first = self.slot_at(since).wrapping_add(1);
        // No turn came where the slot that had the last one is the same.
        let none = self.last(Slot(last), now) <= since;
        if none {
            Vec::new()
        } else {
            around(first, last)
        }
    }

    /// The slot that had its turn last.
    fn slot_at(self, at: Timestamp) -> u8 {
        let position = at.unix().rem_euclid(self.cycle);
        let later = |slot: &u8| self.offset(*slot) > position;
        // Slot 0 begins the cycle, so that one at least is not later.
        let count = (0..=u8::MAX).find(later).unwrap_or(0);
        count.wrapping_sub(1)
    }

    /// Seconds from the cycle's beginning to the turn of a slot.
    fn offset(self, slot: u8) -> i64 {
        i64::from(slot) * self.cycle / i64::from(SLOTS)
    }
}

/// From `first` up to `last`, over the end of the cycle where `last` comes before it.
fn around(first: u8, last: u8) -> Vec<RangeInclusive<u8>> {
    if first <= last {
        vec![first..=last]
    } else {
        vec![first..=u8::MAX, 0..=last]
    }
}

#[cfg(test)]
#[path = "turns_tests.rs"]
mod tests;
