//! A key of the forger's, and its public half as a key set shows it.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};

use crate::jwt::signed;

/// An RSA key that signs whatever it is given.
#[derive(Clone)]
pub struct Signer {
    kid: &'static str,
    key: EncodingKey,
}

impl Signer {
    /// A fresh key that is published as `kid`.
    pub(super) fn generate(kid: &'static str) -> Self {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let key = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap();
        Self { kid, key }
    }

    /// A token under this key's own name; the rest of the header stays as it is.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let mut header = header.clone();
        header["kid"] = json!(self.kid);
        self.sign_as(&header, claims)
    }

    /// A token under exactly this header: with its algorithm, whatever key it names.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let algorithm: Algorithm = serde_json::from_value(header["alg"].clone()).unwrap();
        signed(header, claims, |message| {
            jsonwebtoken::crypto::sign(message, &self.key, algorithm).unwrap()
        })
    }

    /// The public half as a JSON Web Key. With an issuer it is for that one's tokens
    /// alone; without, the key leaves it to `iss` whose token it is.
    pub(super) fn to_jwk(&self, issuer: Option<&str>) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, Algorithm::RS256).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        if let Some(issuer) = issuer {
            jwk["issuer"] = json!(issuer);
        }
        jwk
    }
}
