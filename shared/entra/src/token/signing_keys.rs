//! The versions of the certificate secret, and which of them signs.
//!
//! The current version is loaded at start and read again when it is old: a new one signs
//! from then on. The other one is read only when Entra ID refuses the key that signed
//! (`aadsts::other_key_may_help`): right after a rotation the new key may not have reached
//! every replica, and later the old one is gone. The key that worked last goes on signing, so that a fleet pays
//! for a rotation once and not per tenant.
//!
//! Secrets are read again at most once a minute, whatever is refused; what cannot be read again
//! stays as it is. A function that can go on without a key for a while begins without one
//! ([`SigningKeys::without_one_yet`]); it is then looked for whenever it is needed.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::time::Duration;

use auth::Timestamp;
use auth::ports::{
    Clock, DeployedSecret, SecretError, SecretSource, SigningCertificate, short_secret_name,
};
use auth::refreshed::Refreshed;
use auth::secret::SecretString;

use crate::certificate::{CertificateError, SigningKey};

/// The current version is read again when it is older, unless the settings say otherwise.
const MAX_AGE: Duration = Duration::from_secs(900);
/// Between two readings.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(60);
/// The same while there is no key at all.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(5);

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

fn report_stays(error: &StartError) {
    tracing::warn!(
        event = "certificate_not_reloaded", %error,
        "the certificate could not be read again; the one in memory stays in use"
    );
}

/// For a start that waits until the secret is mended, whatever is wrong with it.
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
    /// `None` until the first one that can be used was read.
    signing: RwLock<Option<Arc<SigningKey>>>,
    /// The current version, as it was read last.
    newest: Refreshed<Arc<SigningKey>>,
    /// Both versions, as they were read after a refusal; the current one first.
    versions: Refreshed<Vec<Arc<SigningKey>>>,
}

impl SigningKeys {
    /// Reads and checks the current version of the secret called `secret_id`.
    pub async fn load(
        secrets: Arc<dyn SecretSource>,
        secret_id: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        let keys = Self::without_a_key(secrets, secret_id, clock);
        let began = keys.newest.now();
        let key = keys.load_current().await?;
        keys.newest.confirm(Arc::clone(&key), began);
        *keys.write() = Some(key);
        Ok(keys)
    }

    /// For a function that has something to do without a key, too, after [`load`](Self::load)
    /// failed with `error`: the log says so, and a key is looked for when it is needed.
    pub fn without_one_yet(
        secrets: Arc<dyn SecretSource>,
        secret_id: &str,
        clock: Arc<dyn Clock>,
        error: &StartError,
    ) -> Self {
        report_none(error);
        let mut keys = Self::without_a_key(secrets, secret_id, clock);
        keys.newest.set_failed(());
        keys
    }

    fn without_a_key(
        secrets: Arc<dyn SecretSource>,
        secret_id: &str,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            secrets,
            secret_id: secret_id.to_owned(),
            signing: RwLock::default(),
            newest: Refreshed::new(Arc::clone(&clock), MAX_AGE),
            versions: Refreshed::new(Arc::clone(&clock), READ_AGAIN_AFTER),
            clock,
        }
    }

    /// Reads the current version again after `max_age` (`SECRET_MAX_AGE_SECONDS`).
    pub fn reading_again_after(mut self, max_age: Duration) -> Self {
        self.newest.set_fresh_for(max_age);
        self
    }

    /// The key that signs: read again when it is old, looked for where there is none yet.
    /// `None`: there is none now.
    pub(crate) async fn signing(&self) -> Option<Arc<SigningKey>> {
        let pause = |_: &_| match self.held() {
            Some(_) => READ_AGAIN_AFTER,
            None => LOOK_AGAIN_AFTER,
        };
        self.newest.current(pause, |_| self.read_current()).await;
        self.held()
    }

    /// A version that was not there before signs from now on. One that was may have been
    /// refused since: what signs stays.
    async fn read_current(&self) -> Result<Arc<SigningKey>, ()> {
        // As it is now: another reading may end meanwhile, and know better.
        let before = self.newest.held();
        let read = self.load_current().await;
        match (&read, before) {
            (Ok(key), None) => *self.write() = Some(Arc::clone(key)),
            (Ok(key), Some(before)) if before.is_same(key) => {}
            (Ok(key), Some(_)) => self.replace(Arc::clone(key)),
            (Err(error), None) => report_none(error),
            (Err(error), Some(_)) => report_stays(error),
        }
        read.map_err(|_| ())
    }

    fn replace(&self, key: Arc<SigningKey>) {
        tracing::info!(
            event = "certificate_replaced",
            thumbprint = key.sha256_thumbprint(),
            "the certificate's secret has a new version, which signs from now on"
        );
        *self.write() = Some(key);
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
        // Another task that was refused may have found it.
        let is_found = || self.held().is_some_and(|signing| differs(&signing));
        let read = |_| async { Ok(self.read_both().await) };
        let pause = |_: &_| READ_AGAIN_AFTER;
        self.versions.read_unless(is_found, pause, read).await;
        let versions = self.versions.held().unwrap_or_default();
        self.held().into_iter().chain(versions).find(differs)
    }

    /// `key` was accepted where another was refused: it signs from now on.
    pub(crate) fn prefer(&self, key: Arc<SigningKey>) {
        // Of many requests under way one reports it.
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

    async fn read_both(&self) -> Vec<Arc<SigningKey>> {
        let began = self.newest.now();
        let (current, previous) = tokio::join!(
            self.secrets.read(&self.secret_id),
            self.secrets.read_previous(&self.secret_id),
        );
        let current = self.usable(current.map(Some));
        if let Some(key) = &current {
            self.newest.confirm(Arc::clone(key), began);
        }
        let previous = self.usable(previous);
        current.into_iter().chain(previous).collect()
    }

    /// A version that cannot be read or used is as good as none: the refusal that led
    /// here is reported anyway, and says more.
    fn usable(
        &self,
        version: Result<Option<SecretString>, SecretError>,
    ) -> Option<Arc<SigningKey>> {
        let now = self.clock.now();
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
