//! A function that may have to wait for its secrets (decision 0025). What the settings get
//! wrong ends the start: only another deployment mends it. A secret that cannot be had is
//! asked for again when the next request comes, so that whoever mends it has to do no more.
//!
//! Each request that finds the function not built leaves one line within its span; what it
//! answers is the function's own business.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use auth::Timestamp;
use auth::ports::{Clock, SecretError};
use auth::text::veiled;
use tokio::sync::Mutex;
use tracing::{Instrument as _, Span};

/// Seconds between two attempts: a secrets manager that does not answer keeps no more than
/// one request waiting.
const BETWEEN_ATTEMPTS: u64 = 2;

type Building<F> = Pin<Box<dyn Future<Output = anyhow::Result<F>> + Send>>;

/// A function that is built, or that will be.
pub struct Starting<F> {
    name: &'static str,
    clock: Arc<dyn Clock>,
    build: Box<dyn Fn() -> Building<F> + Send + Sync>,
    built: OnceLock<Arc<F>>,
    waiting: Mutex<Option<Waiting>>,
}

/// Why the last attempt built nothing.
struct Waiting {
    reason: String,
    since: Timestamp,
}

impl<F> Starting<F> {
    /// Makes the first attempt. An error is one that no later attempt would mend. `name`: the
    /// function's, for the log.
    pub async fn begin<B>(
        name: &'static str,
        clock: Arc<dyn Clock>,
        build: impl Fn() -> B + Send + Sync + 'static,
    ) -> anyhow::Result<Self>
    where
        B: Future<Output = anyhow::Result<F>> + Send + 'static,
    {
        let starting = Self {
            name,
            clock,
            build: Box::new(move || Box::pin(build())),
            built: OnceLock::new(),
            waiting: Mutex::new(None),
        };
        match (starting.build)().await {
            Ok(function) => starting.keep(function),
            Err(error) if passes(&error) => starting.wait(error).await,
            Err(error) => return Err(error),
        }
        Ok(starting)
    }

    /// The function; `None`, and a line in the log, while it cannot be built. `span`: the
    /// request's. A function that is built does not enter it.
    pub async fn get(&self, span: &Span) -> Option<Arc<F>> {
        if let Some(function) = self.built.get() {
            return Some(Arc::clone(function));
        }
        self.get_late().instrument(span.clone()).await
    }

    async fn get_late(&self) -> Option<Arc<F>> {
        let mut waiting = self.waiting.lock().await;
        // Whoever held the lock may have built it.
        if self.built.get().is_none() {
            self.try_again(&mut waiting).await;
        }
        self.built.get().cloned()
    }

    async fn try_again(&self, waiting: &mut Option<Waiting>) {
        let now = self.clock.now();
        if let Some(waiting) = waiting
            && waiting.since <= now
            && waiting.since.seconds_until(now) < BETWEEN_ATTEMPTS
        {
            return self.report(&waiting.reason);
        }
        match (self.build)().await {
            Ok(function) => {
                let name = self.name;
                tracing::info!(
                    event = "start_done",
                    function = name,
                    "the {name} function has what it waited for"
                );
                self.keep(function);
            }
            Err(error) => *waiting = Some(self.waits(&error)),
        }
    }

    async fn wait(&self, error: anyhow::Error) {
        *self.waiting.lock().await = Some(self.waits(&error));
    }

    fn waits(&self, error: &anyhow::Error) -> Waiting {
        let reason = veiled(&format!("{error:#}"));
        self.report(&reason);
        Waiting {
            reason,
            since: self.clock.now(),
        }
    }

    fn report(&self, reason: &str) {
        let name = self.name;
        tracing::error!(
            event = "start_waits",
            function = name,
            reason,
            "the {name} function cannot work yet; the next request tries again"
        );
    }

    fn keep(&self, function: F) {
        // Only one attempt runs at a time, and none after the one that succeeded.
        let _first = self.built.set(Arc::new(function));
    }
}

/// Whether the same program can start later, without another deployment.
fn passes(error: &anyhow::Error) -> bool {
    error.downcast_ref::<SecretError>().is_some()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

    use super::*;

    struct Moved(AtomicI64);

    impl Clock for Moved {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix(self.0.load(Ordering::SeqCst))
        }
    }

    fn missing() -> anyhow::Error {
        SecretError::unusable("ring", "it is empty").into()
    }

    /// Fails until the third attempt; gives the number of the attempt.
    async fn third_time(clock: &Arc<Moved>) -> Starting<u32> {
        let attempts = Arc::new(AtomicU32::new(0));
        let build = move || {
            let attempt = attempts.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                match attempt {
                    3.. => Ok(attempt),
                    _ => Err(missing()),
                }
            }
        };
        let clock: Arc<dyn Clock> = clock.clone();
        Starting::begin("test", clock, build).await.unwrap()
    }

    #[tokio::test]
    async fn what_waits_for_a_secret_is_tried_again_after_a_pause_and_built_once() {
        let clock = Arc::new(Moved(AtomicI64::new(1_000)));
        let starting = third_time(&clock).await;
        assert!(
            starting.get(&Span::none()).await.is_none(),
            "no attempt: too soon"
        );
        clock.0.fetch_add(2, Ordering::SeqCst);
        assert!(
            starting.get(&Span::none()).await.is_none(),
            "the second attempt"
        );
        clock.0.fetch_add(2, Ordering::SeqCst);
        assert_eq!(starting.get(&Span::none()).await.as_deref(), Some(&3));
        assert_eq!(starting.get(&Span::none()).await.as_deref(), Some(&3));
    }

    #[tokio::test]
    async fn what_no_later_attempt_would_mend_ends_the_start() {
        let clock = Arc::new(Moved(AtomicI64::new(1_000)));
        let build = || async { Err::<(), _>(anyhow::anyhow!("settings: damaged")) };
        let outcome = Starting::begin("test", clock, build).await;
        assert_eq!(outcome.err().unwrap().to_string(), "settings: damaged");
    }

    #[test]
    fn a_secret_is_found_beneath_what_was_said_about_it() {
        use anyhow::Context as _;
        let told: anyhow::Result<()> = Err(missing()).context("the sealing ring");
        assert!(passes(&told.unwrap_err()));
        assert!(!passes(&anyhow::anyhow!("no secret")));
    }
}
