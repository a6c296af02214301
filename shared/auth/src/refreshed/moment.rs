//! When something was: how old it is, although clocks are set and functions are frozen.

use std::time::Duration;

use crate::ports::Clock;
use crate::timestamp::Timestamp;

/// A moment, by the time of day and by the time that the process has run.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    time_of_day: Timestamp,
    running: Duration,
}

impl Moment {
    pub(super) fn of(clock: &dyn Clock) -> Self {
        Self {
            time_of_day: clock.now(),
            running: clock.since_start(),
        }
    }

    /// Whether it came later, in the life of this process.
    pub(super) fn is_after(self, other: Self) -> bool {
        self.running > other.running
    }

    /// How long ago it was, by the clock that says more: the time of day can be set back,
    /// and the running time can stand still while a function is frozen.
    ///
    /// Fails closed because a moment that lies ahead of the time of day is infinitely old.
    pub(super) fn age(self, now: Self) -> Duration {
        if now.time_of_day < self.time_of_day {
            return Duration::MAX;
        }
        let by_day = Duration::from_secs(self.time_of_day.seconds_until(now.time_of_day));
        by_day.max(now.running.saturating_sub(self.running))
    }
}
