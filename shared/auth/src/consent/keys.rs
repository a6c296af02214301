//! The consent function's own keys: one authenticates states and form tokens, one
//! seals cookies and handles. Neither can open a token of the table.

use std::fmt;

use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::json;

use crate::encoding::base64_standard;
use crate::ports::{Random, random_bytes};
use crate::sealing::KeyRing;
use crate::secret::{ExposeSecret, SecretString, key_from_base64};

/// The secret's text is not what it has to be. Never shows the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected JSON: {{\"state_key\": base64 of 32 bytes, \"cookie_key\": base64 of 32 bytes}}")]
pub struct InvalidConsentKeys;

/// The state key and the cookie key.
pub struct ConsentKeys {
    state: hmac::Key,
    cookies: KeyRing,
}

#[derive(Deserialize)]
struct KeysText {
    state_key: String,
    cookie_key: String,
}

impl ConsentKeys {
    /// Reads the keys from their secret.
    pub fn from_json(text: &str) -> Result<Self, InvalidConsentKeys> {
        let keys: KeysText = serde_json::from_str(text).map_err(|_| InvalidConsentKeys)?;
        let state = key_from_base64(&keys.state_key).ok_or(InvalidConsentKeys)?;
        let cookie = key_from_base64(&keys.cookie_key).ok_or(InvalidConsentKeys)?;
        Ok(Self {
            state: hmac::Key::new(hmac::HMAC_SHA256, state.expose_secret()),
            cookies: KeyRing::single("cookie", &cookie).map_err(|_| InvalidConsentKeys)?,
        })
    }

    /// The text of a secret with new keys.
    pub fn new_secret(random: &dyn Random) -> SecretString {
        let new_key = || base64_standard(&random_bytes::<32>(random));
        let keys = json!({"state_key": new_key(), "cookie_key": new_key()});
        keys.to_string().into()
    }

    /// HMAC-SHA-256 over `purpose` and `message` (RFC 2104).
    pub(super) fn sign(&self, purpose: &str, message: &[u8]) -> Vec<u8> {
        hmac::sign(&self.state, &tagged(purpose, message))
            .as_ref()
            .to_vec()
    }

    /// Whether `mac` is [`sign`](Self::sign) of the same; in constant time.
    pub(super) fn verify(&self, purpose: &str, message: &[u8], mac: &[u8]) -> bool {
        hmac::verify(&self.state, &tagged(purpose, message), mac).is_ok()
    }

    pub(super) fn cookies(&self) -> &KeyRing {
        &self.cookies
    }
}

/// The purpose cannot run into the message: it holds no zero byte.
fn tagged(purpose: &str, message: &[u8]) -> Vec<u8> {
    [purpose.as_bytes(), &[0], message].concat()
}

impl fmt::Debug for ConsentKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConsentKeys([REDACTED])")
    }
}
