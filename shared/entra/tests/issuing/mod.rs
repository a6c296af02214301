//! What an issuer of callers' tokens has.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses what it needs"
)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

pub mod place;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::caller::{AllowedIssuer, ClaimNames};
use auth::encoding::base64url;
use auth::ports::{ClaimsRead, Clock};
use entra::{CallersParts, OidcCallers, TrustRoots};
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

    /// A payload that need not be claims.
    pub fn sign_bytes(&self, payload: &[u8]) -> String {
        let header = json!({"alg": "ES256", "kid": self.kid}).to_string();
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(payload));
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &self.key, Algorithm::ES256);
        format!("{signed}.{}", signature.unwrap())
    }
}

/// Policies of which only the claims are known that they read.
#[derive(Default)]
pub struct Reading(Mutex<Arc<ClaimNames>>);

impl Reading {
    pub fn reads(&self, names: &[&str]) {
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

/// A checker of tokens of one issuer, with the settings' own limits.
pub fn callers(
    issuer: &str,
    audience: &str,
    clock: Arc<dyn Clock>,
    claims_read: Arc<dyn ClaimsRead>,
) -> OidcCallers {
    let configuration_url = format!("{issuer}/.well-known/openid-configuration");
    let allowed = AllowedIssuer {
        issuer: issuer.to_owned(),
        audience: audience.to_owned(),
        configuration_url: configuration_url.parse().unwrap(),
        private: false,
    };
    OidcCallers::new(CallersParts {
        allowed: &[allowed],
        roots: &TrustRoots::default(),
        clock,
        claims_read,
        keys_max_age: Duration::from_secs(6 * 3_600),
        token_max_life: Duration::from_secs(24 * 3_600),
    })
    .unwrap()
}
