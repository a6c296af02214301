//! The sealing ring while the program runs: read at the start, read again when it is
//! old or when a value was sealed under a key that it does not hold, and never more
//! than once a minute. What cannot be read again stays as it is.

use std::sync::Arc;
use std::time::Duration;

use auth::ports::{Clock, DeployedSecret, SecretError, SecretSource, short_secret_name};
use auth::refreshed::Refreshed;
use auth::ring::RING_MAX_AGE;
use auth::sealing::KeyRing;
use auth::secret::ExposeSecret as _;

/// Within this time every function that runs has read a ring that was written: its age,
/// the pause after a try that failed, and a minute for the write and the tries. One that cannot
/// read the secret for longer meets the new key as an unknown one, and reads then.
pub const RING_READ_WITHIN: Duration =
    Duration::from_secs(RING_MAX_AGE.as_secs() + BETWEEN_READS.as_secs() + 60);
/// A value that no key opens would otherwise ask the secrets manager at each read.
const BETWEEN_READS: Duration = Duration::from_secs(60);

/// Where the sealing ring comes from.
#[derive(Clone)]
pub struct RingSource {
    /// The source.
    pub secrets: Arc<dyn SecretSource>,
    /// The secret's name (`SEALING_KEYS_SECRET_ID`).
    pub name: String,
}

impl RingSource {
    async fn read(&self) -> Result<Arc<KeyRing>, SecretError> {
        let text = self.secrets.read(&self.name).await;
        let ring = text.and_then(|text| {
            KeyRing::from_json(text.expose_secret())
                .map_err(|error| SecretError::unusable(&self.name, error))
        });
        ring.map(Arc::new)
            .map_err(|error| error.of(DeployedSecret::SealingRing))
    }
}

impl std::fmt::Debug for RingSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RingSource")
            .field("name", &short_secret_name(&self.name))
            .finish_non_exhaustive()
    }
}

/// The ring and what keeps it current.
pub(super) struct LiveRing {
    source: RingSource,
    ring: Refreshed<Arc<KeyRing>>,
}

impl LiveRing {
    /// Reads the ring: without it no token can be sealed or opened.
    pub(super) async fn load(
        source: RingSource,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SecretError> {
        let ring = Refreshed::new(clock, RING_MAX_AGE);
        let began = ring.now();
        ring.confirm(source.read().await?, began);
        Ok(Self { source, ring })
    }

    /// Reads it again after `max_age`; never later than [`RING_MAX_AGE`], which rotations
    /// count on.
    pub(super) fn read_again_after(&mut self, max_age: Duration) {
        self.ring.set_fresh_for(max_age.min(RING_MAX_AGE));
    }

    /// The ring to use, read again when it is old.
    pub(super) async fn current(&self) -> Arc<KeyRing> {
        let current = self.ring.current(|_| BETWEEN_READS, |_| self.read_again());
        loaded(current.await)
    }

    /// The ring after a value was met that was sealed under a key it does not hold.
    pub(super) async fn after_unknown_key(&self) -> Arc<KeyRing> {
        let read = |_| self.read_again();
        self.ring
            .read_unless(|| false, |_| BETWEEN_READS, read)
            .await;
        loaded(self.ring.held())
    }

    async fn read_again(&self) -> Result<Arc<KeyRing>, ()> {
        let ring = self.source.read().await;
        ring.map_err(|error| {
            tracing::warn!(
                event = "sealing_ring_not_reloaded", %error,
                "the sealing ring could not be read again; the one in memory stays in use"
            );
        })
    }
}

fn loaded(ring: Option<Arc<KeyRing>>) -> Arc<KeyRing> {
    match ring {
        Some(ring) => ring,
        None => unreachable!("a ring that was loaded is believed until another one was read"),
    }
}
