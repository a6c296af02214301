//! The simulator's only doors to the system: the clock and randomness.
//!
//! Everything else takes the time as a number and asks this file for random
//! bytes, so that a test can hold the clock still. A failed random source is an
//! error for the caller, never a weaker value.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// Where the simulator reads the time; tests pass one that they can move.
pub trait Clock: Send + Sync + 'static {
    /// Seconds since 1970-01-01T00:00:00Z.
    fn unix_seconds(&self) -> u64;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulator's one reading of the system clock"
    )]
    fn unix_seconds(&self) -> u64 {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since_epoch| since_epoch.as_secs())
    }
}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system's random source failed")]
pub struct RandomnessFailed;

/// `N` random bytes.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator's one source of randomness"
)]
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], RandomnessFailed> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| RandomnessFailed)?;
    Ok(bytes)
}

/// A random (version 4) UUID.
pub(crate) fn random_uuid() -> Result<Uuid, RandomnessFailed> {
    Ok(uuid::Builder::from_random_bytes(random_bytes()?).into_uuid())
}

/// `N` random bytes as base64url without padding: codes, token ids.
pub(crate) fn random_text<const N: usize>() -> Result<String, RandomnessFailed> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<N>()?))
}
