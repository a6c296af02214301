//! The versions of the certificate secret, and which of them signs.
//!
//! The current version is loaded at start and read again when it is old: a new one signs
//! from then on. The other one is read only when Entra ID refuses the key that signed
//! (`aadsts::other_key_may_help`): right after a rotation the new key may not have reached
//! every replica, and later the old one is gone. The key that worked last goes on signing, so that a fleet pays
//! for a rotation once and not per tenant.
//!
//! Secrets are re-read at most once a minute, whatever is refused; what cannot be read anew
//! stays as it is. Whoever can go on without a key for a while begins without one
//! ([`SigningKeys::without_one_yet`]); it is then looked for whenever it is needed.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::time::Duration;

use auth::Timestamp;
use auth::ports::{
    Clock, DeployedSecret, SecretError, SecretSource, SigningCertificate, short_secret_name,
};
use auth::secret::SecretString;
use tokio::sync::Mutex;

use crate::certificate::{CertificateError, SigningKey};

/// The current version is read again when it is older, unless somebody says otherwise.
const MAX_AGE: Duration = Duration::from_secs(900);
/// Seconds between two readings.
const READ_AGAIN_AFTER: u64 = 60;
/// The same while there is no key at all.
const LOOK_AGAIN_AFTER: u64 = 5;

/// Why the certificate cannot be had. Every variant is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The certificate's secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// What it holds will not do.
    #[error("secret {name} cannot be used: {reason}")]
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
        name: short_secret_name(secret_id),
        reason,
    })
}

fn report_none(error: &StartError) {
    tracing::error!(
        event = "certificate_unusable", %error,
        "no token can be asked for, and only those that are stored are handed out; the \
         certificate is looked for again"
    );
}

/// For whoever waits until the secret is mended, whatever is wrong with it.
impl From<StartError> for SecretError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Secret(error) => error,
            StartError::Certificate { name, reason } => SecretError::unusable(&name, reason),
        }
    }
}

/// The signing keys of one registration.
pub struct SigningKeys {
    secrets: Arc<dyn SecretSource>,
    secret_id: String,
    clock: Arc<dyn Clock>,
    max_age: Duration,
    /// `None` until the first one that can be used was read.
    signing: RwLock<Option<Arc<SigningKey>>>,
    last_read: Mutex<Versions>,
}

/// What the last reading found, the current version first.
#[derive(Default)]
struct Versions {
    /// Both versions were read.
    read_at: Option<Timestamp>,
    /// The current one was looked for, whatever came of it.
    looked_at: Option<Timestamp>,
    /// It was found.
    found_at: Option<Timestamp>,
    current: Option<Arc<SigningKey>>,
    keys: Vec<Arc<SigningKey>>,
}

impl Versions {
    /// Notes the current version; whether it is another one than before.
    fn found(&mut self, key: &Arc<SigningKey>, now: Timestamp) -> bool {
        self.found_at = Some(now);
        let before = self.current.replace(Arc::clone(key));
        before.is_none_or(|before| !before.is_same(key))
    }
}

/// Whether `then` is no longer ago than so many seconds. A clock that was set back lets
/// everybody look again.
fn is_within(seconds: u64, then: Option<Timestamp>, now: Timestamp) -> bool {
    then.is_some_and(|at| at.seconds_until(now) < seconds && at <= now)
}

impl SigningKeys {
    /// Reads and checks the current version of the secret called `secret_id`.
    pub async fn load(
        secrets: Arc<dyn SecretSource>,
        secret_id: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        let keys = Self::without_a_key(secrets, secret_id, clock);
        let key = keys.load_current().await?;
        let mut last = Versions::default();
        last.found(&key, keys.clock.now());
        Ok(Self {
            signing: RwLock::new(Some(key)),
            last_read: Mutex::new(last),
            ..keys
        })
    }

    /// For whoever has something to do without a key, too, after [`load`](Self::load) failed
    /// with `error`: that is told in the log, and a key is looked for when it is needed.
    pub fn without_one_yet(
        secrets: Arc<dyn SecretSource>,
        secret_id: &str,
        clock: Arc<dyn Clock>,
        error: &StartError,
    ) -> Self {
        report_none(error);
        let looked = Versions {
            looked_at: Some(clock.now()),
            ..Versions::default()
        };
        Self {
            last_read: Mutex::new(looked),
            ..Self::without_a_key(secrets, secret_id, clock)
        }
    }

    fn without_a_key(
        secrets: Arc<dyn SecretSource>,
        secret_id: &str,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            secrets,
            secret_id: secret_id.to_owned(),
            clock,
            max_age: MAX_AGE,
            signing: RwLock::default(),
            last_read: Mutex::default(),
        }
    }

    /// Reads the current version again after `max_age` (`SECRET_MAX_AGE_SECONDS`).
    pub fn reading_again_after(self, max_age: Duration) -> Self {
        Self { max_age, ..self }
    }

    /// The key that signs: read again when it is old, looked for where there is none yet.
    /// `None`: there is none now.
    pub(crate) async fn signing(&self) -> Option<Arc<SigningKey>> {
        if self.held().is_some() {
            self.read_when_old().await;
            return self.held();
        }
        self.look_for_one().await
    }

    async fn read_when_old(&self) {
        // One task reads; the others go on with what there is.
        let Ok(mut last) = self.last_read.try_lock() else {
            return;
        };
        let now = self.clock.now();
        let is_fresh = is_within(self.max_age.as_secs(), last.found_at, now);
        if is_fresh || is_within(READ_AGAIN_AFTER, last.looked_at, now) {
            return;
        }
        last.looked_at = Some(now);
        match self.load_current().await {
            Ok(key) => {
                // The one that was there before may have been refused: what signs, stays.
                if last.found(&key, now) {
                    self.replace(key);
                }
            }
            Err(error) => tracing::warn!(
                event = "certificate_not_reloaded", %error,
                "the certificate could not be read again; the one in memory stays in use"
            ),
        }
    }

    fn replace(&self, key: Arc<SigningKey>) {
        tracing::info!(
            event = "certificate_replaced",
            thumbprint = key.sha256_thumbprint(),
            "the certificate's secret has a new version, which signs from now on"
        );
        *self.write() = Some(key);
    }

    async fn look_for_one(&self) -> Option<Arc<SigningKey>> {
        let mut last = self.last_read.lock().await;
        // Whoever held the lock may have found one.
        if let Some(key) = self.held() {
            return Some(key);
        }
        let now = self.clock.now();
        if is_within(LOOK_AGAIN_AFTER, last.looked_at, now) {
            return None;
        }
        last.looked_at = Some(now);
        let found = self.load_current().await;
        let found = found.inspect_err(report_none).ok()?;
        last.found(&found, now);
        *self.write() = Some(Arc::clone(&found));
        Some(found)
    }

    async fn load_current(&self) -> Result<Arc<SigningKey>, StartError> {
        load_signing_key(self.secrets.as_ref(), &self.secret_id, self.clock.as_ref()).await
    }

    fn held(&self) -> Option<Arc<SigningKey>> {
        let signing = self.signing.read().unwrap_or_else(PoisonError::into_inner);
        signing.clone()
    }

    fn write(&self) -> RwLockWriteGuard<'_, Option<Arc<SigningKey>>> {
        self.signing.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key to try after `refused`: what signs meanwhile, else the other version of
    /// the secret. `None` where there is none that would do.
    pub(crate) async fn other_than(&self, refused: &SigningKey) -> Option<Arc<SigningKey>> {
        let differs = |key: &Arc<SigningKey>| !key.is_same(refused);
        let mut last = self.last_read.lock().await;
        // Only now: whoever held the lock may have found it.
        if let Some(signing) = self.held().filter(differs) {
            return Some(signing);
        }
        self.read_again(&mut last).await;
        last.keys.iter().find(|key| differs(key)).cloned()
    }

    /// `key` was accepted where another was refused: it signs from now on.
    pub(crate) fn prefer(&self, key: Arc<SigningKey>) {
        // Of many requests under way one tells it.
        let mut signing = self.write();
        if signing.as_ref().is_some_and(|held| held.is_same(&key)) {
            return;
        }
        tracing::warn!(
            event = "signing_key_changed",
            thumbprint = key.sha256_thumbprint(),
            "Entra ID refused one version of the certificate and took the other, which signs from now on"
        );
        *signing = Some(key);
    }

    async fn read_again(&self, last: &mut Versions) {
        let now = self.clock.now();
        if is_within(READ_AGAIN_AFTER, last.read_at, now) {
            return;
        }
        let (current, previous) = tokio::join!(
            self.secrets.read(&self.secret_id),
            self.secrets.read_previous(&self.secret_id),
        );
        let current = self.usable(current.map(Some), now);
        if let Some(key) = &current {
            last.found(key, now);
        }
        let previous = self.usable(previous, now);
        last.keys = current.into_iter().chain(previous).collect();
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
                    secret = short_secret_name(&self.secret_id),
                    reason,
                    "a version of the certificate's secret cannot be used: {reason}"
                );
            })
            .ok()
    }
}

impl SigningCertificate for SigningKeys {
    fn expires_at(&self) -> Option<Timestamp> {
        self.held().map(|key| key.certificate().not_after)
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys")
            .field("signing", &self.held())
            .finish_non_exhaustive()
    }
}
