//! The versions of the certificate secret, and which of them signs.
//!
//! One version is loaded at start. The other one is read only when Entra ID does not
//! know the key that signed (AADSTS700027): right after a rotation the new key may not
//! have reached every replica, and later the old one is gone. The key that worked last
//! goes on signing, so that a fleet pays for a rotation once and not per tenant.
//!
//! Secrets are re-read at most once a minute, whatever is refused.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use auth::Timestamp;
use auth::ports::{Clock, DeployedSecret, SecretError, SecretSource, SigningCertificate};
use auth::secret::SecretString;
use tokio::sync::Mutex;

use crate::certificate::{CertificateError, SigningKey};

/// Seconds between two readings.
const READ_AGAIN_AFTER: u64 = 60;

/// Why the certificate cannot be had. Every variant is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The certificate's secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// What it holds will not do.
    #[error("secret {name}: {reason}")]
    Certificate {
        /// The secret's name.
        name: String,
        /// What is wrong with it.
        reason: CertificateError,
    },
}

/// Reads and checks the current certificate called `secret_id`.
pub async fn load_signing_key(
    secrets: &dyn SecretSource,
    secret_id: &str,
    clock: &dyn Clock,
) -> Result<Arc<SigningKey>, StartError> {
    let secret = secrets.read(secret_id).await;
    let secret = secret.map_err(|error| error.of(DeployedSecret::Certificate))?;
    let key = SigningKey::from_secret(&secret, clock.now());
    key.map(Arc::new).map_err(|reason| StartError::Certificate {
        name: secret_id.to_owned(),
        reason,
    })
}

/// The signing keys of one registration.
pub struct SigningKeys {
    secrets: Arc<dyn SecretSource>,
    secret_id: String,
    clock: Arc<dyn Clock>,
    signing: RwLock<Arc<SigningKey>>,
    last_read: Mutex<Versions>,
}

/// What the last reading found, the current version first.
#[derive(Default)]
struct Versions {
    read_at: Option<Timestamp>,
    keys: Vec<Arc<SigningKey>>,
}

impl SigningKeys {
    /// Reads and checks the current version of the secret called `secret_id`.
    pub async fn load(
        secrets: Arc<dyn SecretSource>,
        secret_id: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        let key = load_signing_key(secrets.as_ref(), secret_id, clock.as_ref()).await?;
        Ok(Self {
            secrets,
            secret_id: secret_id.to_owned(),
            clock,
            signing: RwLock::new(key),
            last_read: Mutex::default(),
        })
    }

    /// The key that signs.
    pub fn signing(&self) -> Arc<SigningKey> {
        Arc::clone(&self.signing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key to try after `refused`: what signs meanwhile, else the other version of
    /// the secret. `None` where there is none that would do.
    pub(crate) async fn other_than(&self, refused: &SigningKey) -> Option<Arc<SigningKey>> {
        let differs = |key: &Arc<SigningKey>| !key.is_same(refused);
        let mut last = self.last_read.lock().await;
        // Only now: whoever held the lock may have found it.
        let signing = self.signing();
        if differs(&signing) {
            return Some(signing);
        }
        self.read_again(&mut last).await;
        last.keys.iter().find(|key| differs(key)).cloned()
    }

    /// `key` was accepted where another was refused: it signs from now on.
    pub(crate) fn prefer(&self, key: Arc<SigningKey>) {
        // Of many requests under way one tells it.
        let mut signing = self.signing.write().unwrap_or_else(PoisonError::into_inner);
        if signing.is_same(&key) {
            return;
        }
        tracing::warn!(
            event = "signing_key_changed",
            thumbprint = key.sha256_thumbprint(),
            "Entra ID refused one version of the certificate and took the other, which signs from now on"
        );
        *signing = key;
    }

    async fn read_again(&self, last: &mut Versions) {
        let now = self.clock.now();
        let is_recent = |at: Timestamp| at.seconds_until(now) < READ_AGAIN_AFTER && at <= now;
        if last.read_at.is_some_and(is_recent) {
            return;
        }
        let (current, previous) = tokio::join!(
            self.secrets.read(&self.secret_id),
            self.secrets.read_previous(&self.secret_id),
        );
        last.keys = [current.map(Some), previous]
            .into_iter()
            .filter_map(|version| self.usable(version, now))
            .collect();
        last.read_at = Some(now);
    }

    /// A version that cannot be read or used is as good as none: the refusal that led
    /// here is told anyway, and says more.
    fn usable(
        &self,
        version: Result<Option<SecretString>, SecretError>,
        now: Timestamp,
    ) -> Option<Arc<SigningKey>> {
        let key = version
            .map_err(|error| error.to_string())
            .transpose()?
            .and_then(|secret| SigningKey::from_secret(&secret, now).map_err(|e| e.to_string()));
        key.map(Arc::new)
            .inspect_err(|reason| {
                tracing::warn!(
                    event = "certificate_version_unusable",
                    secret = self.secret_id,
                    reason,
                    "a version of the certificate's secret cannot be used: {reason}"
                );
            })
            .ok()
    }
}

impl SigningCertificate for SigningKeys {
    fn expires_at(&self) -> Timestamp {
        self.signing().certificate().not_after
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys")
            .field("signing", &self.signing())
            .finish_non_exhaustive()
    }
}
