//! What an issuer of callers' tokens has.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses what it needs"
)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

pub mod place;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// A P-256 key with its `kid`.
pub struct Key {
    pub kid: String,
    key: EncodingKey,
}

impl Key {
    pub fn new(kid: &str) -> Self {
        let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
        Self {
            kid: kid.to_owned(),
            key: EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(),
        }
    }

    /// The same key under another name.
    pub fn named(&self, kid: &str) -> Self {
        Self {
            kid: kid.to_owned(),
            key: self.key.clone(),
        }
    }

    pub fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, Algorithm::ES256).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = json!(self.kid);
        jwk
    }

    /// A token with this header to the letter, properly signed.
    pub fn sign_under(&self, header: &str, claims: &Value) -> String {
        let encoded = |text: &str| auth::encoding::base64url(text.as_bytes());
        let signed = format!("{}.{}", encoded(header), encoded(&claims.to_string()));
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &self.key, Algorithm::ES256);
        format!("{signed}.{}", signature.unwrap())
    }

    pub fn sign(&self, claims: &Value) -> String {
        let header = Header {
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }
}
