//! An issuer of callers' tokens, and the checker that has it on its list.

pub(crate) mod checker;
pub(crate) mod server;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::caller::ClaimNames;
use auth::encoding::base64url;
use auth::ports::ClaimsRead;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const AUDIENCE: &str = "broker";

/// A P-256 key with its `kid`.
pub(crate) struct Key {
    pub(crate) kid: String,
    key: EncodingKey,
}

impl Key {
    pub(crate) fn new(kid: &str) -> Self {
        let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
        Self {
            kid: kid.to_owned(),
            key: EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(),
        }
    }

    /// The same key under another name.
    pub(crate) fn named(&self, kid: &str) -> Self {
        Self {
            kid: kid.to_owned(),
            key: self.key.clone(),
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, Algorithm::ES256).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = json!(self.kid);
        jwk
    }

    /// A token with this header to the letter, properly signed.
    pub(crate) fn sign_under(&self, header: &str, claims: &Value) -> String {
        let encoded = |text: &str| auth::encoding::base64url(text.as_bytes());
        let signed = format!("{}.{}", encoded(header), encoded(&claims.to_string()));
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &self.key, Algorithm::ES256);
        format!("{signed}.{}", signature.unwrap())
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = Header {
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }

    /// A payload that need not be claims.
    pub(crate) fn sign_bytes(&self, payload: &[u8]) -> String {
        let header = json!({"alg": "ES256", "kid": self.kid}).to_string();
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(payload));
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &self.key, Algorithm::ES256);
        format!("{signed}.{}", signature.unwrap())
    }
}

/// Policies of which only the claims are known that they read.
#[derive(Default)]
pub(crate) struct Reading(Mutex<Arc<ClaimNames>>);

impl Reading {
    pub(crate) fn reads(&self, names: &[&str]) {
        let names = names.iter().map(|name| (*name).to_owned());
        *self.0.lock().unwrap() = Arc::new(names.collect());
    }
}

#[async_trait]
impl ClaimsRead for Reading {
    async fn claims_read(&self) -> Arc<ClaimNames> {
        Arc::clone(&self.0.lock().unwrap())
    }
}
