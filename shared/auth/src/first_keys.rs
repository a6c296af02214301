//! The first values of the secrets that hold keys of our own: made where there is none,
//! never overwritten. Run again, or by two people at once, it does the rest or nothing.
//! A value that no function could read is an error, and left as it is.

use std::sync::Arc;

use crate::consent::ConsentKeys;
use crate::ports::{Clock, DeployedSecret, Random, SecretError, SecretSink, SecretSource, Write};
use crate::ring::RingBook;
use crate::secret::{ExposeSecret as _, SecretString};

/// Fills empty secrets.
pub struct FirstKeys {
    /// Says whether a secret has a value, and whether it will do.
    pub source: Arc<dyn SecretSource>,
    /// Where first values are put.
    pub sink: Arc<dyn SecretSink>,
    /// When the ring's first key was made.
    pub clock: Arc<dyn Clock>,
    /// Makes the keys.
    pub random: Arc<dyn Random>,
}

/// What became of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// It was empty, and was given its first value.
    Made,
    /// It had a value that will do.
    Present,
}

/// Why a value will not do; never shows it.
type Check = fn(&SecretString) -> Result<(), String>;

impl FirstKeys {
    /// The state key and the cookie key of the consent function.
    pub async fn consent_keys(&self, name: &str) -> Result<Filled, SecretError> {
        let new = || ConsentKeys::new_secret(self.random.as_ref());
        let filled = self.fill(name, check_consent_keys, new).await;
        filled.map_err(|error| error.of(DeployedSecret::ConsentKeys))
    }

    /// The sealing ring: one key, which seals.
    pub async fn sealing_ring(&self, name: &str) -> Result<Filled, SecretError> {
        let new = || RingBook::first(self.random.as_ref(), self.clock.now()).to_json();
        let filled = self.fill(name, check_ring, new).await;
        filled.map_err(|error| error.of(DeployedSecret::SealingRing))
    }

    /// The ring of the webhook's keys: one key, which makes AuthIDs.
    pub async fn webhook_keys(&self, name: &str) -> Result<Filled, SecretError> {
        let new = || RingBook::first(self.random.as_ref(), self.clock.now()).to_json();
        let filled = self.fill(name, check_ring, new).await;
        filled.map_err(|error| error.of(DeployedSecret::WebhookKeys))
    }

    /// The ring of the keys that events are signed with: one key.
    pub async fn event_keys(&self, name: &str) -> Result<Filled, SecretError> {
        let new = || RingBook::first(self.random.as_ref(), self.clock.now()).to_json();
        let filled = self.fill(name, check_ring, new).await;
        filled.map_err(|error| error.of(DeployedSecret::EventKeys))
    }

    async fn fill(
        &self,
        name: &str,
        check: Check,
        new: impl Fn() -> SecretString,
    ) -> Result<Filled, SecretError> {
        match self.source.read(name).await {
            Err(error) if error.is_without_value() => {}
            value => return checked(name, &value?, check),
        }
        match self.sink.write_first(name, &new()).await? {
            Write::Done => Ok(Filled::Made),
            // Somebody else just did.
            Write::Stale => checked(name, &self.source.read(name).await?, check),
        }
    }
}

fn checked(name: &str, value: &SecretString, check: Check) -> Result<Filled, SecretError> {
    match check(value) {
        Ok(()) => Ok(Filled::Present),
        Err(reason) => {
            let reason = format!("{reason}; it was left as it is");
            Err(SecretError::unusable(name, reason))
        }
    }
}

fn check_consent_keys(value: &SecretString) -> Result<(), String> {
    let keys = ConsentKeys::from_json(value.expose_secret());
    keys.map(drop).map_err(|error| error.to_string())
}

fn check_ring(value: &SecretString) -> Result<(), String> {
    let book = RingBook::from_json(value);
    book.map(drop).map_err(|error| error.to_string())
}
