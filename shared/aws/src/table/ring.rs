//! The sealing ring of the sealed tokens while the program runs.

use std::sync::Arc;

use auth::ports::{Clock, DeployedSecret, SecretError, SecretSource, short_secret_name};
use auth::ring::{LiveRing, LiveRingParts};
use auth::sealing::KeyRing;

/// Where the sealing ring comes from.
#[derive(Clone)]
pub struct RingSource {
    /// The source.
    pub secrets: Arc<dyn SecretSource>,
    /// The secret's name (`SEALING_KEYS_SECRET_ID`).
    pub name: String,
}

impl RingSource {
    /// Reads the ring: without it no token can be sealed or opened.
    pub(super) async fn load(
        self,
        clock: Arc<dyn Clock>,
    ) -> Result<LiveRing<KeyRing>, SecretError> {
        let parts = LiveRingParts {
            secrets: self.secrets,
            name: self.name,
            secret: DeployedSecret::SealingRing,
            parse: KeyRing::from_json,
            not_read_again,
        };
        LiveRing::load(parts, clock).await
    }
}

fn not_read_again(error: &SecretError) {
    tracing::warn!(
        event = "sealing_ring_not_reloaded", %error,
        "the sealing ring could not be read again; the one in memory stays in use"
    );
}

impl std::fmt::Debug for RingSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RingSource")
            .field("name", &short_secret_name(&self.name))
            .finish_non_exhaustive()
    }
}
