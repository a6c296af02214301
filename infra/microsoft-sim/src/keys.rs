//! The authority's signing key: made once, kept as PKCS#8, parsed for good.
//!
//! Signs RS256 tokens and describes itself as a JSON Web Key. Every tenant
//! shares the one key, as Entra ID's tenants do.

use std::path::Path;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::RSAPublicKey;

use crate::files::{self, OpenError};
use crate::platform::RandomnessFailed;

/// Name of the key's file in the data directory.
const FILE: &str = "signing_key.pem";
const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// The key that signs every token.
pub(crate) struct SigningKey {
    pair: KeyPair,
    key_id: String,
    modulus: String,
    exponent: String,
}

/// The signature could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the signing key failed")]
pub(crate) struct SigningFailed;

impl SigningKey {
    /// The key of the data directory, made at the first start; without a
    /// directory, a key for this process alone.
    pub(crate) fn open(data_dir: Option<&Path>) -> Result<Self, OpenError> {
        let Some(directory) = data_dir else {
            return Self::from_pair(generate()?).ok_or(RandomnessFailed.into());
        };
        let path = directory.join(FILE);
        let Some(content) = files::read(&path)? else {
            let pair = generate()?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| RandomnessFailed)?;
            files::replace(&path, to_pem(der.as_ref()).as_bytes())?;
            return Self::from_pair(pair).ok_or(RandomnessFailed.into());
        };
        from_pem(&content)
            .and_then(|der| KeyPair::from_pkcs8(&der).ok())
            .and_then(Self::from_pair)
            .ok_or_else(|| OpenError::Damaged {
                path,
                reason: "not an RSA private key in PKCS#8 PEM".to_owned(),
            })
    }

    fn from_pair(pair: KeyPair) -> Option<Self> {
        let public = pair.public_key().as_ref();
        let (_, numbers) = RSAPublicKey::from_der(public).ok()?;
        let key_id = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, public);
        Some(Self {
            key_id: URL_SAFE_NO_PAD.encode(key_id),
            modulus: without_leading_zeros(numbers.modulus),
            exponent: without_leading_zeros(numbers.exponent),
            pair,
        })
    }

    /// An access token. They are v1 tokens, also those of the v2.0 endpoint: the header names
    /// the key twice.
    pub(crate) fn sign_access_token(&self, claims: &Value) -> Result<String, SigningFailed> {
        let key = &self.key_id;
        let header = json!({"typ": "JWT", "alg": "RS256", "x5t": key, "kid": key});
        self.sign(&header, claims)
    }

    /// An ID token of the v2.0 endpoint; that of v1 is not signed.
    pub(crate) fn sign_id_token(&self, claims: &Value) -> Result<String, SigningFailed> {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": self.key_id});
        self.sign(&header, claims)
    }

    fn sign(&self, header: &Value, claims: &Value) -> Result<String, SigningFailed> {
        let mut token = encode(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                token.as_bytes(),
                &mut signature,
            )
            .map_err(|_| SigningFailed)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
        Ok(token)
    }

    /// The public key as PKCS#1 DER.
    pub(crate) fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The public key as a JSON Web Key. `issuer` binds it to the tokens that
    /// it may sign, where the set says so; a client has to compare it.
    pub(crate) fn to_jwk(&self, issuer: Option<&str>) -> Value {
        // Assumption `key-without-certificate`.
        let mut key = json!({
            "kty": "RSA",
            "use": "sig",
            "kid": self.key_id,
            "x5t": self.key_id,
            "n": self.modulus,
            "e": self.exponent,
        });
        if let Some(issuer) = issuer {
            key["issuer"] = json!(issuer);
        }
        key
    }
}

/// A token with `alg: none` and an empty signature, as the v1 endpoint's ID
/// token.
pub(crate) fn unsigned(claims: &Value) -> String {
    let mut token = encode(&json!({"typ": "JWT", "alg": "none"}), claims);
    token.push('.');
    token
}

fn encode(header: &Value, claims: &Value) -> String {
    let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
    token
}

fn generate() -> Result<KeyPair, RandomnessFailed> {
    KeyPair::generate(KeySize::Rsa2048).map_err(|_| RandomnessFailed)
}

fn without_leading_zeros(number: &[u8]) -> String {
    let start = number.iter().take_while(|&&byte| byte == 0).count();
    URL_SAFE_NO_PAD.encode(number.get(start..).unwrap_or_default())
}

fn to_pem(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut pem = format!("{PEM_BEGIN}\n");
    for (position, character) in body.chars().enumerate() {
        if position > 0 && position % 64 == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push('\n');
    pem.push_str(PEM_END);
    pem.push('\n');
    pem
}

fn from_pem(content: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(content).ok()?.trim();
    let body = text.strip_prefix(PEM_BEGIN)?.strip_suffix(PEM_END)?;
    let packed: String = body.split_whitespace().collect();
    STANDARD.decode(packed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_survives_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let first = SigningKey::open(Some(directory.path())).unwrap();
        let second = SigningKey::open(Some(directory.path())).unwrap();
        assert_eq!(first.to_jwk(None), second.to_jwk(None));
    }

    #[test]
    fn a_damaged_key_is_named_and_left_untouched() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(FILE);
        std::fs::write(&path, "not a key").unwrap();

        let error = SigningKey::open(Some(directory.path())).err().unwrap();

        assert!(matches!(&error, OpenError::Damaged { path: named, .. } if *named == path));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "not a key");
    }
}
