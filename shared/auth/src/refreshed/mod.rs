//! A value that is remembered, and read again when it is old: keys, certificates, policies.
//!
//! One task reads at a time. The others go on with what there is, and wait where there is
//! nothing. After a read the next one waits for a pause. What cannot be read again is believed
//! for so long. How something is read, what a failure means and says in the log, and how long
//! the pause is, are the caller's. Nothing is read unless a caller asks.

mod moment;
#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::Mutex;

use crate::ports::Clock;

pub use moment::Moment;

/// A value of type `T`, cheap to clone, whose read fails with `E`.
pub struct Refreshed<T, E = ()> {
    clock: Arc<dyn Clock>,
    fresh_for: Duration,
    /// `None`: until something newer was read.
    believed_for: Option<Duration>,
    /// Never locked during a read.
    held: RwLock<Option<Kept<T>>>,
    /// Locked during a read: one at a time.
    last: Mutex<Option<LastRead<E>>>,
}

struct Kept<T> {
    value: T,
    confirmed_at: Moment,
}

struct LastRead<E> {
    result: Result<(), E>,
    /// When one that worked began, or one that failed ended: callers that waited for an answer
    /// that did not come must not all wait for it again.
    at: Moment,
}

impl<T: Clone, E: Copy> Refreshed<T, E> {
    /// Nothing yet. What is read is fresh for so long, and believed until something newer was
    /// read.
    pub fn new(clock: Arc<dyn Clock>, fresh_for: Duration) -> Self {
        Self {
            clock,
            fresh_for,
            believed_for: None,
            held: RwLock::default(),
            last: Mutex::default(),
        }
    }

    /// Nothing yet, and nothing is ever fresh: for what only [`Self::read_unless`] reads.
    pub fn never_fresh(clock: Arc<dyn Clock>) -> Self {
        Self::new(clock, Duration::ZERO)
    }

    /// Changes for how long a value is fresh: it is not read again before.
    pub fn set_fresh_for(&mut self, fresh_for: Duration) {
        self.fresh_for = fresh_for;
    }

    /// Believes a value that cannot be read again for so long, and then no longer.
    pub fn set_believed_for(&mut self, believed_for: Duration) {
        self.believed_for = Some(believed_for);
    }

    /// Now, by both clocks.
    pub fn now(&self) -> Moment {
        Moment::of(self.clock.as_ref())
    }

    /// What was read last, however old it is.
    pub fn held(&self) -> Option<T> {
        Some(self.look().as_ref()?.value.clone())
    }

    /// Seconds since what is held was confirmed, where it is still believed.
    pub fn believed_seconds(&self) -> Option<u64> {
        let now = self.now();
        let age = self.look().as_ref()?.confirmed_at.age(now);
        self.is_believed(age).then_some(age.as_secs())
    }

    /// What was read last, where it need not be read again.
    pub fn fresh(&self) -> Option<T> {
        self.held_if(|age| age < self.fresh_for && self.is_believed(age))
    }

    /// What was read last, where it is still believed.
    pub fn believed(&self) -> Option<T> {
        self.held_if(|age| self.is_believed(age))
    }

    /// Holds what a read found that began at `began`, unless another one that began later has
    /// ended already.
    pub fn confirm(&self, value: T, began: Moment) {
        let mut held = self.write();
        let is_outrun = |held: &Kept<T>| held.confirmed_at.is_after(began);
        if !held.as_ref().is_some_and(is_outrun) {
            let confirmed_at = began;
            *held = Some(Kept {
                value,
                confirmed_at,
            });
        }
    }

    /// Changes what is held, if something is, and makes it no younger.
    pub fn replace(&self, value: T) {
        if let Some(held) = &mut *self.write() {
            held.value = value;
        }
    }

    /// What is believed, read again if it is not fresh. `read` is given the moment at which it
    /// begins, for what it confirms by itself. Callers with a value go on with it
    /// while another task reads; callers without one wait. `pause`: so long after the last
    /// read, which ended thus, no other one begins.
    pub async fn current<F>(
        &self,
        pause: impl Fn(&Result<(), E>) -> Duration,
        read: impl FnOnce(Moment) -> F,
    ) -> Option<T>
    where
        F: Future<Output = Result<T, E>>,
    {
        if let Some(fresh) = self.fresh() {
            return Some(fresh);
        }
        let believed = self.believed();
        let mut last = match (self.last.try_lock(), believed) {
            (Ok(last), _) => last,
            (Err(_), Some(believed)) => return Some(believed),
            (Err(_), None) => self.last.lock().await,
        };
        if self.fresh().is_none() {
            self.read(&mut last, pause, read).await;
        }
        // Fails closed because a read takes time, in which a value can get too old.
        self.believed()
    }

    /// Reads, however fresh what is held may be: for a caller that needs something else. All
    /// wait: another one's read may bring what is `enough` for them, too. How the last read
    /// ended, if there was one.
    pub async fn read_unless<F>(
        &self,
        enough: impl FnOnce() -> bool,
        pause: impl Fn(&Result<(), E>) -> Duration,
        read: impl FnOnce(Moment) -> F,
    ) -> Option<Result<(), E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut last = self.last.lock().await;
        if !enough() {
            self.read(&mut last, pause, read).await;
        }
        last.as_ref().map(|last| last.result)
    }

    /// Reads for the first time, before a caller asks. `None`: this read is not remembered,
    /// and the first caller reads.
    pub async fn prepare<F>(&self, read: impl FnOnce(Moment) -> F)
    where
        F: Future<Output = Option<Result<T, E>>>,
    {
        let mut last = self.last.lock().await;
        if last.is_some() {
            return;
        }
        let began = self.now();
        *last = read(began).await.map(|found| self.remember(found, began));
    }

    async fn read<F>(
        &self,
        last: &mut Option<LastRead<E>>,
        pause: impl Fn(&Result<(), E>) -> Duration,
        read: impl FnOnce(Moment) -> F,
    ) where
        F: Future<Output = Result<T, E>>,
    {
        let began = self.now();
        let is_early = |last: &LastRead<E>| last.at.age(began) < pause(&last.result);
        if !last.as_ref().is_some_and(is_early) {
            // A caller that gives up meanwhile must not leave a read for every next one.
            if let Some(last) = last {
                last.at = began;
            }
            *last = Some(self.remember(read(began).await, began));
        }
    }

    fn remember(&self, found: Result<T, E>, began: Moment) -> LastRead<E> {
        let at = if found.is_ok() { began } else { self.now() };
        let result = found.map(|value| self.confirm(value, began));
        LastRead { result, at }
    }

    fn held_if(&self, is_young: impl FnOnce(Duration) -> bool) -> Option<T> {
        let now = self.now();
        let held = self.look();
        let young = held
            .as_ref()
            .filter(|held| is_young(held.confirmed_at.age(now)));
        Some(young?.value.clone())
    }

    fn is_believed(&self, age: Duration) -> bool {
        self.believed_for.is_none_or(|longest| age < longest)
    }

    fn look(&self) -> RwLockReadGuard<'_, Option<Kept<T>>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A panic while it was locked leaves what was held before.
    fn write(&self) -> RwLockWriteGuard<'_, Option<Kept<T>>> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }
}
