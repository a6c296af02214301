//! How often something may be done, in one process: a token bucket for each key and, where
//! it is wanted, one for all keys together. What is refused takes from neither.
//!
//! A bucket is one number, the time at which it will be full again (the generic cell rate
//! algorithm, ITU-T I.371). Full buckets are forgotten, so that the memory holds the keys
//! of the last few minutes and never more than `KEYS_MAX`.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::timestamp::Timestamp;

/// Keys that are remembered, at most: a few hundred kilobytes. The fullest bucket makes
/// room, which lets its key through a little more often.
const KEYS_MAX: usize = 4096;
/// Refusals are reported once in so many milliseconds.
const REPORTED_EVERY: u64 = 60_000;

/// How much a bucket holds, and how fast it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// So many at once.
    pub burst: u32,
    /// One more after this time; at least a millisecond.
    pub every: Duration,
}

/// The times, in milliseconds, at which buckets will be full.
struct Buckets<K> {
    of_each: HashMap<K, u64>,
    of_all: u64,
    unreported: u64,
    report_at: u64,
}

/// A limit with its memory.
pub struct Limit<K> {
    each: Rate,
    all: Option<Rate>,
    buckets: Mutex<Buckets<K>>,
}

/// There is no room at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Refusals since the last report, this one included, where it is time for a report.
    pub report: Option<u64>,
}

impl Rate {
    /// So many at once, then one more after so many milliseconds.
    pub const fn of(burst: u32, milliseconds: u64) -> Self {
        Self {
            burst,
            every: Duration::from_millis(milliseconds),
        }
    }

    /// When the bucket will be full after so many more uses; `None` where it holds fewer. Where
    /// the clock was set back, the time is further off than an empty bucket takes: it is full.
    fn used(self, full_at: u64, now: u64, uses: u32) -> Option<u64> {
        let every = u64::try_from(self.every.as_millis()).unwrap_or(u64::MAX);
        let full_after = now.saturating_add(every.saturating_mul(self.burst.into()));
        let full_at = match full_at <= full_after {
            true => full_at.max(now),
            false => now,
        };
        let used = full_at.saturating_add(every.saturating_mul(uses.into()));
        (used <= full_after).then_some(used)
    }
}

impl<K: Eq + Hash + Clone> Limit<K> {
    /// With full buckets. `each`: for one key; `all`: for all keys together.
    pub fn new(each: Rate, all: Option<Rate>) -> Self {
        let buckets = Buckets {
            of_each: HashMap::new(),
            of_all: 0,
            unreported: 0,
            report_at: 0,
        };
        Self {
            each,
            all,
            buckets: Mutex::new(buckets),
        }
    }

    /// Takes one from the bucket of `key` and from that of all.
    pub fn take(&self, key: &K, now: Timestamp) -> Result<(), Exceeded> {
        self.take_many(key, 1, now)
    }

    /// Takes so many from both, or none where one of them holds fewer.
    pub fn take_many(&self, key: &K, uses: u32, now: Timestamp) -> Result<(), Exceeded> {
        let now = u64::try_from(now.unix()).unwrap_or(0).saturating_mul(1000);
        let mut buckets = self.buckets();
        let buckets = &mut *buckets;
        let known = buckets.of_each.get_mut(key);
        let full_at = known.as_deref().copied().unwrap_or(0);
        let of_key = self.each.used(full_at, now, uses);
        let of_all = match self.all {
            Some(all) => all.used(buckets.of_all, now, uses),
            None => Some(0),
        };
        let (Some(of_key), Some(of_all)) = (of_key, of_all) else {
            return Err(buckets.refused(now));
        };
        buckets.of_all = of_all;
        if let Some(known) = known {
            *known = of_key;
        } else {
            buckets.make_room(now);
            buckets.of_each.insert(key.clone(), of_key);
        }
        Ok(())
    }

    fn buckets(&self) -> MutexGuard<'_, Buckets<K>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Clone> Buckets<K> {
    fn refused(&mut self, now: u64) -> Exceeded {
        self.unreported = self.unreported.saturating_add(1);
        // A clock that was set back must not silence the report.
        let is_due = now >= self.report_at || self.report_at - now > REPORTED_EVERY;
        let report = is_due.then(|| {
            self.report_at = now.saturating_add(REPORTED_EVERY);
            std::mem::take(&mut self.unreported)
        });
        Exceeded { report }
    }

    /// Looks at all keys only where there are too many of them.
    fn make_room(&mut self, now: u64) {
        if self.of_each.len() < KEYS_MAX {
            return;
        }
        self.of_each.retain(|_, full_at| *full_at > now);
        if self.of_each.len() < KEYS_MAX {
            return;
        }
        let fullest = self.of_each.iter().min_by_key(|(_, full_at)| **full_at);
        if let Some(key) = fullest.map(|(key, _)| key.clone()) {
            self.of_each.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    /// How many of `tries` at `seconds` after the beginning are let through.
    fn passed(limit: &Limit<u32>, key: u32, seconds: i64, tries: usize) -> usize {
        let at = Timestamp::from_unix(NOW + seconds);
        let passes = (0..tries).filter(|_| limit.take(&key, at).is_ok());
        passes.count()
    }

    #[test]
    fn a_bucket_lets_its_burst_through_and_then_its_rate() {
        // Three at once, then one in two seconds: seconds that have passed since the row
        // before, tries, how many get through.
        let rows = [
            (0, 1, 1),
            (0, 1, 1),
            (0, 1, 1),
            (0, 1, 0),
            (0, 100, 0),
            (1, 1, 0),
            (1, 1, 1),
            (2, 5, 1),
            (4, 5, 2),
            (6, 5, 3),
            (3600, 100, 3),
            (1, 100, 0),
            (1, 100, 1),
        ];
        let limit = Limit::new(Rate::of(3, 2000), None);
        let mut at = 0;
        for (number, (wait, tries, expected)) in rows.into_iter().enumerate() {
            at += wait;
            assert_eq!(passed(&limit, 7, at, tries), expected, "row {number}");
        }
    }

    #[test]
    fn a_key_is_held_back_by_its_own_bucket_or_by_that_of_all() {
        // Key, second, tries, how many get through: two for each, five for all together.
        let rows = [
            (1, 0, 3, 2),
            (1, 0, 1, 0),
            (2, 0, 3, 2),
            (3, 0, 3, 1),
            (4, 0, 3, 0),
            (1, 0, 9, 0),
            (4, 1, 1, 1),
            (4, 1, 1, 0),
            (5, 2, 1, 1),
            (3, 3, 2, 1),
            (1, 60, 9, 2),
            (2, 60, 9, 2),
            (3, 60, 9, 1),
        ];
        let limit = Limit::new(Rate::of(2, 10_000), Some(Rate::of(5, 1000)));
        for (number, (key, at, tries, expected)) in rows.into_iter().enumerate() {
            assert_eq!(passed(&limit, key, at, tries), expected, "row {number}");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_lets_one_burst_more_through() {
        let limit = Limit::new(Rate::of(2, 1000), Some(Rate::of(2, 1000)));
        assert_eq!(passed(&limit, 1, 0, 2), 2);
        assert_eq!(passed(&limit, 1, -86_400, 9), 2);
        assert_eq!(passed(&limit, 1, -86_399, 9), 1);
        assert_eq!(passed(&limit, 1, -86_000, 9), 2);
    }

    #[test]
    fn refusals_are_reported_once_a_minute_with_their_number() {
        let limit = Limit::new(Rate::of(1, 3_600_000), None);
        assert_eq!(passed(&limit, 1, 0, 1), 1);
        let rows = [
            (0, Some(1)),
            (0, None),
            (30, None),
            (59, None),
            (60, Some(4)),
            (61, None),
            (119, None),
            (120, Some(3)),
            (1000, Some(1)),
            (1001, None),
            (5, Some(2)),
        ];
        for (seconds, report) in rows {
            let refused = limit.take(&1, Timestamp::from_unix(NOW + seconds));
            assert_eq!(refused, Err(Exceeded { report }), "second {seconds}");
        }
    }

    #[test]
    fn the_memory_is_bounded_and_full_buckets_leave_it_first() {
        let limit = Limit::new(Rate::of(2, 1000), None);
        assert_eq!(passed(&limit, 0, 0, 2), 2);
        for key in 1..5_000 {
            assert_eq!(passed(&limit, key, 0, 1), 1);
        }
        assert_eq!(limit.buckets().of_each.len(), KEYS_MAX);
        assert_eq!(passed(&limit, 0, 0, 1), 0, "an empty bucket is kept");
        assert_eq!(passed(&limit, 5_000, 5, 1), 1);
        assert_eq!(limit.buckets().of_each.len(), 1);
    }
}
