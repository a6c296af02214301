//! The machine's clock, timer, randomness and environment: the only place that asks for any
//! of them. All other code takes a port or a look-up, so that a test can hold them still.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{Clock, Pause, Random};

/// The system's real-time clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one adapter of the clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = since_epoch
            .ok()
            .and_then(|since| i64::try_from(since.as_secs()).ok());
        match seconds {
            Some(seconds) => Timestamp::from_unix(seconds),
            // Every expiry would be judged wrongly: stop, as the port demands.
            None => panic!("the system's clock stands before 1970"),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the one adapter of the clock")]
    fn since_start(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }
}

/// The generator of AWS-LC, seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one adapter of randomness")]
    fn fill(&self, buffer: &mut [u8]) {
        if aws_lc_rs::rand::fill(buffer).is_err() {
            // A predictable nonce or state would be worse than an outage.
            panic!("the system gives no randomness");
        }
    }
}

/// The runtime's timer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemPause;

#[async_trait]
impl Pause for SystemPause {
    #[expect(clippy::disallowed_methods, reason = "the one adapter of waiting")]
    async fn pause(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The value of an environment variable; empty counts as not set.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the adapter that the rule leads to"
)]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_stands_in_this_century_and_randomness_does_not_repeat() {
        let year_2020 = Timestamp::from_unix(1_577_836_800);
        assert!(SystemClock.now() > year_2020);
        let (mut one, mut other) = ([0u8; 16], [0u8; 16]);
        SystemRandom.fill(&mut one);
        SystemRandom.fill(&mut other);
        assert_ne!(one, other);
    }
}
