//! Which version of the signing key signs. Where the versions come from, and where a signature
//! is made, is [`SignerVersions`]'s business.
//!
//! The current version is loaded at start and read again when it is old: a new one signs
//! from then on. The other one is read only when Entra ID refuses the key that signed
//! (`aadsts::other_key_may_help`), or the key itself refuses: right after a rotation the new key
//! may not have reached every replica, and later the old one is gone. The key that worked last
//! goes on signing, so that a fleet pays for a rotation once and not per tenant.
//!
//! Versions are read again at most once a minute, whatever is refused; what cannot be read again
//! stays as it is.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::time::Duration;

use auth::Timestamp;
use auth::ports::{AssertionSigner, Clock, SecretError, SignerVersions, SigningCertificate};
use auth::refreshed::Refreshed;

/// The current version is read again when it is older, unless the settings say otherwise.
const MAX_AGE: Duration = Duration::from_secs(900);
/// Between two readings.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(60);

pub(super) type Signer = Arc<dyn AssertionSigner>;

fn report_stays(error: &SecretError) {
    tracing::warn!(
        event = "certificate_not_reloaded", %error,
        "the certificate could not be read again; the one in memory stays in use"
    );
}

/// Whether both sign with the key of the same certificate.
fn is_same(one: &dyn AssertionSigner, other: &dyn AssertionSigner) -> bool {
    one.identity().sha256_thumbprint == other.identity().sha256_thumbprint
}

/// The signing keys of one registration.
pub struct SigningKeys {
    source: Arc<dyn SignerVersions>,
    signing: RwLock<Signer>,
    /// The current version, as it was read last.
    newest: Refreshed<Signer>,
    /// Both versions, as they were read after a refusal; the current one first.
    versions: Refreshed<Vec<Signer>>,
}

impl SigningKeys {
    /// Reads and checks the current version.
    pub async fn load(
        source: Arc<dyn SignerVersions>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SecretError> {
        let newest = Refreshed::new(Arc::clone(&clock), MAX_AGE);
        let began = newest.now();
        let key = source.current().await?;
        newest.confirm(Arc::clone(&key), began);
        Ok(Self {
            source,
            signing: RwLock::new(key),
            newest,
            versions: Refreshed::never_fresh(clock),
        })
    }

    /// Reads the current version again after `max_age` (`SECRET_MAX_AGE_SECONDS`).
    pub fn reading_again_after(mut self, max_age: Duration) -> Self {
        self.newest.set_fresh_for(max_age);
        self
    }

    /// The key that signs, read again when it is old.
    pub(super) async fn signing(&self) -> Signer {
        let pause = |_: &_| READ_AGAIN_AFTER;
        self.newest.current(pause, |_| self.read_current()).await;
        self.held()
    }

    /// A version that was not there before signs from now on. One that was may have been
    /// refused since: what signs stays.
    async fn read_current(&self) -> Result<Signer, ()> {
        // As it is now: another reading may end meanwhile, and know better.
        let before = self.newest.held();
        let read = self.source.current().await;
        match &read {
            Ok(key) if before.is_some_and(|before| is_same(&*before, &**key)) => {}
            Ok(key) => self.replace(Arc::clone(key)),
            Err(error) => report_stays(error),
        }
        read.map_err(|_| ())
    }

    fn replace(&self, key: Signer) {
        tracing::info!(
            event = "certificate_replaced",
            thumbprint = key.identity().sha256_thumbprint,
            "the certificate's secret has a new version, which signs from now on"
        );
        *self.write() = key;
    }

    fn held(&self) -> Signer {
        let signing = self.signing.read().unwrap_or_else(PoisonError::into_inner);
        signing.clone()
    }

    fn write(&self) -> RwLockWriteGuard<'_, Signer> {
        self.signing.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key to try after `refused`: what signs meanwhile, else the other version of
    /// the secret. `None` where there is none that would do.
    pub(super) async fn other_than(&self, refused: &dyn AssertionSigner) -> Option<Signer> {
        let differs = |key: &Signer| !is_same(&**key, refused);
        // Another task that was refused may have found it.
        let is_found = || differs(&self.held());
        let read = |_| async { Ok(self.read_both().await) };
        let pause = |_: &_| READ_AGAIN_AFTER;
        self.versions.read_unless(is_found, pause, read).await;
        let versions = self.versions.held().unwrap_or_default();
        std::iter::once(self.held()).chain(versions).find(differs)
    }

    /// `key` was accepted where another was refused: it signs from now on.
    pub(super) fn prefer(&self, key: Signer) {
        // Of many requests under way one reports it.
        let mut signing = self.write();
        if is_same(&**signing, &*key) {
            return;
        }
        tracing::warn!(
            event = "signing_key_changed",
            thumbprint = key.identity().sha256_thumbprint,
            "Entra ID refused one version of the certificate and took the other, which signs from now on"
        );
        *signing = key;
    }

    async fn read_both(&self) -> Vec<Signer> {
        let began = self.newest.now();
        let (current, previous) = tokio::join!(self.source.current(), self.source.previous());
        let current = usable(current.map(Some));
        if let Some(key) = &current {
            self.newest.confirm(Arc::clone(key), began);
        }
        current.into_iter().chain(usable(previous)).collect()
    }
}

/// A version that cannot be read or used is as good as none: the refusal that led
/// here is reported anyway, and says more.
fn usable(version: Result<Option<Signer>, SecretError>) -> Option<Signer> {
    version.unwrap_or_else(|error| {
        tracing::warn!(
            event = "certificate_version_unusable", %error,
            "a version of the certificate cannot be used: {error}"
        );
        None
    })
}

impl SigningCertificate for SigningKeys {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.held().identity().expires_at)
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys")
            .field("signing", self.held().identity())
            .finish_non_exhaustive()
    }
}
