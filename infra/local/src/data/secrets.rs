//! The secrets of a one-machine run: the same JSON texts that the secrets manager
//! holds, as files. What is missing is made; what is there is checked and kept.

use std::path::Path;

use auth::consent::ConsentKeys;
use auth::ports::{Clock, Random};
use auth::ring::RingBook;
use auth::sealing::KeyRing;
use auth::secret::{ExposeSecret as _, SecretString};
use feed::auth_id::AuthKeys;
use microsoft::certificate::create;

use super::error::{DataError, damaged};
use super::files::{Readers, read_text, write};

/// `CERTIFICATE_SECRET_ID` on one machine.
pub(crate) const CERTIFICATE: &str = "certificate";
/// `CONSENT_KEYS_SECRET_ID` on one machine.
pub(crate) const CONSENT_KEYS: &str = "consent-keys";
/// `SEALING_KEYS_SECRET_ID` on one machine.
pub(crate) const SEALING_KEYS: &str = "sealing-keys";
/// `FEED_WEBHOOK_KEYS_SECRET_ID` on one machine.
pub(crate) const WEBHOOK_KEYS: &str = "webhook-keys";
/// `EVENT_WEBHOOK_KEYS_SECRET_ID` on one machine.
pub(crate) const EVENT_KEYS: &str = "event-keys";

/// A certificate that a simulator trusts may live long: it is never rotated.
const CERTIFICATE_DAYS: u32 = 10 * 365;

/// Makes what is missing and checks what is there.
pub(super) fn make_missing(
    directory: &Path,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<(), DataError> {
    make(
        &directory.join(CERTIFICATE),
        |text| check_certificate(text, clock),
        || certificate(clock),
    )?;
    make(&directory.join(CONSENT_KEYS), check_consent_keys, || {
        Ok(ConsentKeys::new_secret(random))
    })?;
    let ring = || Ok(RingBook::first(random, clock.now()).to_json());
    make(&directory.join(SEALING_KEYS), check_ring, ring)?;
    make(&directory.join(WEBHOOK_KEYS), check_auth_keys, ring)?;
    make(&directory.join(EVENT_KEYS), check_ring, ring)
}

fn make(
    path: &Path,
    check: impl Fn(&str) -> Result<(), String>,
    new: impl FnOnce() -> Result<SecretString, String>,
) -> Result<(), DataError> {
    match read_text(path)? {
        Some(text) => check(&text).map_err(|reason| damaged(path, &reason)),
        None => {
            let value = new().map_err(|reason| damaged(path, &reason))?;
            write(path, value.expose_secret().as_bytes(), Readers::Owner)
        }
    }
}

fn certificate(clock: &dyn Clock) -> Result<SecretString, String> {
    let created = create("Token broker on one machine", CERTIFICATE_DAYS, clock.now());
    let created = created.map_err(|error| error.to_string())?;
    Ok(created.secret())
}

fn check_certificate(text: &str, clock: &dyn Clock) -> Result<(), String> {
    microsoft::SigningKey::from_secret(&text.into(), clock.now())
        .map(drop)
        .map_err(|error| error.to_string())
}

fn check_consent_keys(text: &str) -> Result<(), String> {
    ConsentKeys::from_json(text)
        .map(drop)
        .map_err(|error| error.to_string())
}

fn check_auth_keys(text: &str) -> Result<(), String> {
    AuthKeys::from_json(text)
        .map(drop)
        .map_err(|error| error.to_string())
}

fn check_ring(text: &str) -> Result<(), String> {
    KeyRing::from_json(text)
        .map(drop)
        .map_err(|error| error.to_string())
}
