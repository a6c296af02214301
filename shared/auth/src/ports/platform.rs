//! Time and chance.

use std::time::Duration;

use async_trait::async_trait;

use crate::encoding::base64url;
use crate::timestamp::Timestamp;

/// The one source of "now".
pub trait Clock: Send + Sync {
    /// The present second. Cannot fail: a machine without a clock does not start.
    fn now(&self) -> Timestamp;

    /// The time since some moment, for measuring how long something took: it never goes
    /// backwards, and says nothing of the time of day.
    fn since_start(&self) -> Duration;
}

/// The one source of randomness; must be cryptographically secure.
pub trait Random: Send + Sync {
    /// Fills `buffer`. Cannot fail: a machine without entropy must stop, not go on.
    fn fill(&self, buffer: &mut [u8]);
}

/// `N` random bytes.
pub fn random_bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0u8; N];
    random.fill(&mut bytes);
    bytes
}

/// `N` random bytes as base64url text: states, nonces, identifiers.
pub fn random_text<const N: usize>(random: &dyn Random) -> String {
    base64url(&random_bytes::<N>(random))
}

/// Waiting for something that happens elsewhere, between two looks at it. Not a part
/// of [`Clock`]: a test moves the clock, while what it waits for happens in real time.
#[async_trait]
pub trait Pause: Send + Sync {
    /// Waits for about `duration`.
    async fn pause(&self, duration: Duration);
}
