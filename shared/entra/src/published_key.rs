//! One key that an issuer publishes (RFC 7517), read from its key set, and the name
//! that tells it from any other. Who fetches key sets and how long they are believed
//! is `keys`' business.

use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;

/// One published key.
#[derive(Clone)]
pub(crate) struct PublishedKey {
    pub(crate) key: DecodingKey,
    /// Entra ID says for each key which issuer it signs for; others say nothing.
    pub(crate) issuer: Option<String>,
    fingerprint: Fingerprint,
}

/// SHA-256 of a key as it is published. A key that is published in another spelling
/// counts as another one, which at worst has a signature checked once more.
type Fingerprint = [u8; 32];

/// Names one key of an issuer: another key under the same `kid` has another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyName {
    kid: String,
    fingerprint: Fingerprint,
}

#[derive(Deserialize)]
struct KeyEntry {
    #[serde(flatten)]
    jwk: Jwk,
    #[serde(default)]
    issuer: Option<String>,
}

impl PublishedKey {
    /// A key that can check signatures, with its `kid`; others, and kinds that we do
    /// not know, are left out.
    pub(crate) fn read(value: Value) -> Option<(String, Self)> {
        let fingerprint = fingerprint(&value);
        let entry: KeyEntry = serde_json::from_value(value).ok()?;
        if matches!(
            entry.jwk.common.public_key_use,
            Some(PublicKeyUse::Encryption)
        ) {
            return None;
        }
        let kid = entry.jwk.common.key_id.clone()?;
        let published = Self {
            key: DecodingKey::from_jwk(&entry.jwk).ok()?,
            issuer: entry.issuer,
            fingerprint,
        };
        Some((kid, published))
    }

    /// The name of this key, which is published as `kid`.
    pub(crate) fn name(&self, kid: String) -> KeyName {
        KeyName {
            kid,
            fingerprint: self.fingerprint,
        }
    }

    /// Whether this is the key that was named, and not merely one with its `kid`.
    pub(crate) fn is(&self, name: &KeyName) -> bool {
        self.fingerprint == name.fingerprint
    }
}

impl KeyName {
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }
}

fn fingerprint(value: &Value) -> Fingerprint {
    let mut bytes = Fingerprint::default();
    bytes.copy_from_slice(digest(&SHA256, value.to_string().as_bytes()).as_ref());
    bytes
}
