//! Which certificate a handshake gets: one that is held in memory only, and replaced
//! before it runs out, so that a run may go on for longer than it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use auth::Timestamp;
use auth::ports::{Clock, Random};
use aws::SystemRandom;
use tokio_rustls::rustls;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

use super::authority::Authority;

/// A new one is made this long before the old one ends.
const RENEW_BEFORE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Why TLS cannot begin although the CA is sound.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// No certificate for `localhost`.
    #[error("no certificate could be made")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library refuses what was made.
    #[error("TLS cannot be set up")]
    Library(#[from] rustls::Error),
}

/// The certificates that an authority signs, one after the other.
pub(super) struct Leaves {
    authority: Authority,
    provider: Arc<CryptoProvider>,
    clock: Arc<dyn Clock>,
    /// Never held across more than the making of a P-256 key.
    current: Mutex<Leaf>,
}

struct Leaf {
    certified: Arc<CertifiedKey>,
    /// Before this a clock was set back.
    from: Timestamp,
    /// `None`: it ends with its CA, and a new one would end no later.
    renew_at: Option<Timestamp>,
}

impl Leaf {
    fn is_due(&self, now: Timestamp) -> bool {
        now < self.from || self.renew_at.is_some_and(|renew_at| renew_at <= now)
    }
}

impl Leaves {
    pub(super) fn new(
        authority: Authority,
        provider: Arc<CryptoProvider>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TlsError> {
        let first = make(&authority, &provider, clock.now())?;
        Ok(Self {
            authority,
            provider,
            clock,
            current: Mutex::new(first),
        })
    }

    /// The certificate of now.
    pub(super) fn current(&self) -> Arc<CertifiedKey> {
        let now = self.clock.now();
        // A panic while the lock was held leaves the old certificate.
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.is_due(now) {
            match make(&self.authority, &self.provider, now) {
                Ok(made) => *current = made,
                // The old one may still do for a while, and clients say when not.
                Err(error) => tracing::error!(
                    event = "certificate_not_renewed", %error,
                    "no new certificate for localhost could be made"
                ),
            }
        }
        Arc::clone(&current.certified)
    }
}

fn make(
    authority: &Authority,
    provider: &CryptoProvider,
    now: Timestamp,
) -> Result<Leaf, TlsError> {
    let random: &dyn Random = &SystemRandom;
    let leaf = authority.sign_leaf(now, random)?;
    let chain = vec![leaf.certificate];
    Ok(Leaf {
        certified: Arc::new(CertifiedKey::from_der(chain, leaf.key, provider)?),
        from: leaf.not_before,
        renew_at: (leaf.not_after < authority.not_after()).then(|| leaf.not_after - RENEW_BEFORE),
    })
}

impl ResolvesServerCert for Leaves {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl fmt::Debug for Leaves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaves").finish_non_exhaustive()
    }
}
