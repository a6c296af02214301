//! A table that is throttled is no table that is down: the request is made again after a wait,
//! and every record after it is begun more slowly, until requests pass again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::parts::Refresh;
use crate::ports::{ReadRecord, StoreError, random_bytes};
use crate::renew::RenewalError;
use crate::timestamp::Timestamp;

/// The first wait, and the first pause between records.
const FIRST: Duration = Duration::from_millis(100);
/// No wait is longer.
const LONGEST: Duration = Duration::from_secs(10);
/// So often a request is made again; by then half a minute has passed on average.
const TRIES: u32 = 10;
/// So much of a pause is left after each record that passed: it is halved by some ten of them.
const LESS: u64 = 16;

/// One run's.
pub(super) struct Patience<'a> {
    refresh: &'a Refresh,
    deadline: Timestamp,
    /// Milliseconds that each record waits before it is begun.
    pause: AtomicU64,
}

/// An outcome that can be a throttled request's.
pub(super) trait Outcome {
    /// Whether the table refused it for the rate alone.
    fn is_throttled(&self) -> bool;
}

impl<T> Outcome for Result<T, StoreError> {
    fn is_throttled(&self) -> bool {
        matches!(self, Err(StoreError::Throttled(_)))
    }
}

impl<T> Outcome for Result<T, RenewalError> {
    fn is_throttled(&self) -> bool {
        matches!(self, Err(RenewalError::Store(StoreError::Throttled(_))))
    }
}

impl Outcome for Vec<ReadRecord> {
    fn is_throttled(&self) -> bool {
        self.iter().any(Outcome::is_throttled)
    }
}

impl<'a> Patience<'a> {
    pub(super) fn until(refresh: &'a Refresh, deadline: Timestamp) -> Self {
        Self {
            refresh,
            deadline,
            pause: AtomicU64::new(0),
        }
    }

    /// Makes a request, and again while it is throttled and the time lasts; what came last.
    pub(super) async fn with<T: Outcome, F: Future<Output = T>>(&self, ask: impl Fn() -> F) -> T {
        let mut wait = FIRST;
        for _ in 0..TRIES {
            let outcome = ask().await;
            if !outcome.is_throttled() || !self.has_time_for(wait) {
                return outcome;
            }
            self.slow_down();
            self.pause_for(wait).await;
            wait = (2 * wait).min(LONGEST);
        }
        ask().await
    }

    /// Waits before a record is begun, as long as the throttled ones before it say.
    pub(super) async fn pace(&self) {
        let pause = self.pause.load(Ordering::Relaxed);
        if pause > 0 {
            self.pause_for(Duration::from_millis(pause)).await;
        }
    }

    /// A record was begun and written.
    pub(super) fn passed(&self) {
        let pause = self.pause.load(Ordering::Relaxed);
        if pause > 0 {
            let less = pause - pause.div_ceil(LESS);
            self.pause.store(less, Ordering::Relaxed);
        }
    }

    fn slow_down(&self) {
        let (first, longest) = (millis(FIRST), millis(LONGEST));
        let pause = self.pause.load(Ordering::Relaxed);
        let longer = (2 * pause).clamp(first, longest);
        self.pause.store(longer, Ordering::Relaxed);
    }

    fn has_time_for(&self, wait: Duration) -> bool {
        self.refresh.clock.now() + wait < self.deadline
    }

    /// Half of it fixed, half by chance: what was refused together does not come back together.
    async fn pause_for(&self, wait: Duration) {
        let half = millis(wait) / 2;
        let random = self.refresh.renewal.random.as_ref();
        let by_chance = u64::from_le_bytes(random_bytes(random)) % (half + 1);
        let wait = Duration::from_millis(half + by_chance);
        self.refresh.pause.pause(wait).await;
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
