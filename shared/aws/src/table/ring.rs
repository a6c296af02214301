//! The sealing ring while the program runs: read at the start, read again when it is
//! old or when a value was sealed under a key that it does not hold, and never more
//! than once a minute. What cannot be read anew stays as it is.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use auth::Timestamp;
use auth::ports::{Clock, DeployedSecret, SecretError, SecretSource, short_secret_name};
use auth::ring::RING_MAX_AGE;
use auth::sealing::KeyRing;
use auth::secret::ExposeSecret as _;
use tokio::sync::{Mutex, MutexGuard};

/// Within this time every function that runs has read a ring that was written: its age,
/// the pause after a try that failed, and a minute for the write itself. One that cannot
/// read the secret for longer meets the new key as an unknown one, and reads then.
pub const RING_READ_WITHIN: Duration =
    Duration::from_secs(RING_MAX_AGE.as_secs() + BETWEEN_READS.as_secs() + 60);
/// A value that nobody can open would otherwise ask the secrets manager at each read.
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
    clock: Arc<dyn Clock>,
    max_age: Duration,
    ring: RwLock<Arc<KeyRing>>,
    reads: Mutex<Reads>,
}

/// When the ring was read.
struct Reads {
    /// With success.
    loaded_at: Timestamp,
    /// After the start, whether it succeeded or not.
    tried_again_at: Option<Timestamp>,
}

impl LiveRing {
    /// Reads the ring: without it no token can be sealed or opened.
    pub(super) async fn load(
        source: RingSource,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SecretError> {
        let ring = source.read().await?;
        let reads = Reads {
            loaded_at: clock.now(),
            tried_again_at: None,
        };
        Ok(Self {
            source,
            clock,
            max_age: RING_MAX_AGE,
            ring: RwLock::new(ring),
            reads: Mutex::new(reads),
        })
    }

    /// Reads it again after `max_age`; never later than [`RING_MAX_AGE`], which rotations
    /// count on.
    pub(super) fn read_again_after(&mut self, max_age: Duration) {
        self.max_age = max_age.min(RING_MAX_AGE);
    }

    /// The ring to use, read anew when it is old.
    pub(super) async fn current(&self) -> Arc<KeyRing> {
        // One task reads; the others go on with what there is.
        if let Ok(mut reads) = self.reads.try_lock() {
            let age = reads.loaded_at.seconds_until(self.clock.now());
            if age >= self.max_age.as_secs() {
                self.read_again(&mut reads).await;
            }
        }
        self.held()
    }

    /// The ring after a value was met that was sealed under a key it does not hold.
    pub(super) async fn after_unknown_key(&self) -> Arc<KeyRing> {
        // Here the others wait: they have probably met the same key.
        let mut reads = self.reads.lock().await;
        self.read_again(&mut reads).await;
        self.held()
    }

    async fn read_again(&self, reads: &mut MutexGuard<'_, Reads>) {
        let now = self.clock.now();
        let tried_lately = reads
            .tried_again_at
            .is_some_and(|at| at.seconds_until(now) < BETWEEN_READS.as_secs());
        if tried_lately {
            return;
        }
        reads.tried_again_at = Some(now);
        match self.source.read().await {
            Ok(ring) => {
                *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
                reads.loaded_at = now;
            }
            Err(error) => tracing::warn!(
                event = "sealing_ring_not_reloaded", %error,
                "the sealing ring could not be read again; the one in memory stays in use"
            ),
        }
    }

    fn held(&self) -> Arc<KeyRing> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&ring)
    }
}
