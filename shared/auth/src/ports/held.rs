//! Time, chance and a list of issuers that stand still until they are changed: what a test holds
//! in its hand in place of the machine's. No function is built on them.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::issuers::IssuersInForce;
use super::platform::{Clock, Random};
use crate::caller::{AllowedIssuer, AllowedIssuers};
use crate::timestamp::Timestamp;

/// A clock that is moved by hand.
#[derive(Debug, Default)]
pub struct HeldClock {
    time_of_day: AtomicI64,
    running: AtomicU64,
}

/// Randomness that is known beforehand.
#[derive(Debug, Default)]
pub struct HeldRandom {
    next: AtomicU64,
    step: u64,
}

/// Issuers that hold until others are held.
#[derive(Debug, Default)]
pub struct HeldIssuers(Mutex<Option<Arc<AllowedIssuers>>>);

impl HeldIssuers {
    /// These.
    pub fn of(issuers: &[AllowedIssuer]) -> Self {
        let held = Self::default();
        held.hold(Some(issuers));
        held
    }

    /// These from now on; `None`: it is not known which.
    pub fn hold(&self, issuers: Option<&[AllowedIssuer]>) {
        let issuers = issuers.map(|issuers| AllowedIssuers::of(issuers.to_vec(), &[]));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = issuers.map(Arc::new);
    }
}

#[async_trait]
impl IssuersInForce for HeldIssuers {
    async fn in_force(&self) -> Option<Arc<AllowedIssuers>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }
}

impl HeldClock {
    /// Stands at this second, in Unix time.
    pub const fn at(unix: i64) -> Self {
        Self {
            time_of_day: AtomicI64::new(unix),
            running: AtomicU64::new(0),
        }
    }

    /// Time passes.
    pub fn pass(&self, time: Duration) {
        self.turn(i64::try_from(time.as_secs()).unwrap_or(i64::MAX));
        self.run(time.as_secs());
    }

    /// So many seconds pass; below zero, the time of day is set back and none passes.
    pub fn advance(&self, seconds: i64) {
        match u64::try_from(seconds) {
            Ok(seconds) => self.pass(Duration::from_secs(seconds)),
            Err(_) => self.turn(seconds),
        }
    }

    /// The same up to this second, in Unix time.
    pub fn set(&self, unix: i64) {
        self.advance(unix - self.now().unix());
    }

    /// The time of day is set, so many seconds forwards or back; none passes.
    pub fn turn(&self, seconds: i64) {
        self.time_of_day.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Time passes, and the time of day stands.
    pub fn run(&self, seconds: u64) {
        self.running.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.time_of_day.load(Ordering::SeqCst))
    }

    fn since_start(&self) -> Duration {
        Duration::from_secs(self.running.load(Ordering::SeqCst))
    }
}

impl HeldRandom {
    /// Every byte is this one.
    pub const fn always(byte: u8) -> Self {
        Self {
            next: AtomicU64::new(u64::from_le_bytes([byte; 8])),
            step: 0,
        }
    }

    /// What is filled first holds zeros, what is filled next begins with a one, and so on:
    /// no two are alike that have room for their number.
    pub const fn counting() -> Self {
        Self {
            next: AtomicU64::new(0),
            step: 1,
        }
    }
}

impl Random for HeldRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let number = self.next.fetch_add(self.step, Ordering::SeqCst);
        for chunk in buffer.chunks_mut(8) {
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::random_bytes;

    #[test]
    fn a_held_clock_moves_when_it_is_moved_and_as_it_is_moved() {
        let clock = HeldClock::at(1_000);
        let reading = || (clock.now().unix(), clock.since_start().as_secs());
        assert_eq!(reading(), (1_000, 0));
        clock.advance(5);
        assert_eq!(reading(), (1_005, 5));
        clock.advance(-5);
        assert_eq!(reading(), (1_000, 5));
        clock.set(1_010);
        assert_eq!(reading(), (1_010, 15));
        clock.set(10);
        assert_eq!(reading(), (10, 15));
        clock.turn(20);
        assert_eq!(reading(), (30, 15));
        clock.run(7);
        assert_eq!(reading(), (30, 22));
        clock.pass(Duration::from_secs(60));
        assert_eq!(reading(), (90, 82));
    }

    #[test]
    fn held_randomness_is_one_byte_or_counts_what_is_filled() {
        let sevens = HeldRandom::always(7);
        assert_eq!(random_bytes(&sevens), [7, 7]);
        assert_eq!(random_bytes(&sevens), [7]);
        let counting = HeldRandom::counting();
        assert_eq!(random_bytes(&counting), [0, 0]);
        assert_eq!(random_bytes(&counting), [1]);
        assert_eq!(random_bytes(&counting), [2, 0, 0, 0, 0, 0, 0, 0, 2, 0]);
    }
}
