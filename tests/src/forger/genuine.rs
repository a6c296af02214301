//! A token that the authority signed, opened for the forger of the next one, and what
//! can be made of it. What is wrong with it is for the caller to choose.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::PublicKeyComponents;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::signer::Signer;
use crate::jwt::{compact, signed};

/// A token as the authority gave it, and the forger's tools.
#[derive(Clone)]
pub struct Genuine {
    /// The token itself.
    pub token: String,
    /// Its header.
    pub header: Value,
    /// Its claims.
    pub claims: Value,
    /// The authority's public key, as its key set shows it.
    pub authority_key: Value,
    /// The forger's key, published as the authority's own.
    pub own: Signer,
    /// Another key of the forger's; published for the consumers' tenant alone.
    pub of_consumers: Signer,
}

impl Genuine {
    /// The same claims, signed by the forger.
    pub fn resigned(&self) -> String {
        self.own.sign(&self.header, &self.claims)
    }

    /// One claim changed, signed by the forger.
    pub fn with(&self, name: &str, value: Value) -> String {
        self.changed([(name, value)])
    }

    /// Claims changed, signed by the forger.
    pub fn changed<'a>(&self, changes: impl IntoIterator<Item = (&'a str, Value)>) -> String {
        let mut claims = self.claims.clone();
        for (name, value) in changes {
            claims[name] = value;
        }
        self.own.sign(&self.header, &claims)
    }

    /// One claim left out, signed by the forger.
    pub fn without(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        let removed = claims.as_object_mut().unwrap().remove(name);
        assert!(removed.is_some(), "there is no {name}");
        self.own.sign(&self.header, &claims)
    }

    /// A time moved by so many seconds, signed by the forger.
    pub fn moved(&self, name: &str, seconds: i64) -> String {
        let time = self.claims[name].as_i64().expect("a NumericDate");
        self.with(name, json!(time + seconds))
    }

    /// The same claims under another algorithm's name, with this signature.
    pub fn as_algorithm(&self, algorithm: &str, signature: &str) -> String {
        compact(&self.header_for(algorithm), &self.claims, signature)
    }

    /// The same claims under an HMAC with this key, in the authority's name.
    pub fn hmac(&self, key: &[u8]) -> String {
        let key = EncodingKey::from_secret(key);
        signed(&self.header_for("HS256"), &self.claims, |message| {
            jsonwebtoken::crypto::sign(message, &key, Algorithm::HS256).unwrap()
        })
    }

    /// Its signature.
    pub fn signature(&self) -> &str {
        self.token.rsplit_once('.').unwrap().1
    }

    /// The authority's key as a certificate's tools write it: SubjectPublicKeyInfo, DER.
    pub fn authority_der(&self) -> Vec<u8> {
        let number = |name: &str| URL_SAFE_NO_PAD.decode(self.authority_text(name)).unwrap();
        let key = PublicKeyComponents {
            n: number("n"),
            e: number("e"),
        };
        key.as_der().unwrap().as_ref().to_vec()
    }

    /// The same as PEM (RFC 7468).
    pub fn authority_pem(&self) -> String {
        let body = STANDARD.encode(self.authority_der());
        let lines = body.as_bytes().chunks(64);
        let lines: Vec<_> = lines.map(String::from_utf8_lossy).collect();
        let body = lines.join("\n");
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
    }

    /// The modulus as the key set writes it.
    pub fn authority_modulus(&self) -> &str {
        self.authority_text("n")
    }

    fn authority_text(&self, name: &str) -> &str {
        self.authority_key[name].as_str().unwrap()
    }

    fn header_for(&self, algorithm: &str) -> Value {
        let mut header = self.header.clone();
        header["alg"] = json!(algorithm);
        header
    }
}
