//! The development issuer: a real OpenID Connect issuer of this machine's own, whose
//! tokens prove callers to the vending endpoint of the same data directory and to no
//! other. Its keys are fetched over HTTP like any other issuer's.
//!
//! Its name does not hold a port: a token that was pasted somewhere must work after a
//! restart on another one.

use std::time::Duration;

use auth::Timestamp;
use auth::secret::{ExposeSecret as _, SecretString};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// How long the printed token lives.
const TOKEN_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// The subject of the printed token.
pub(crate) const SUBJECT: &str = "developer";
const KID: &str = "1";

/// What the data directory keeps. The key is a secret; the file is its owner's only.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredIssuer {
    id: Uuid,
    private_key: String,
}

/// The issuer of one data directory.
pub(crate) struct DevelopmentIssuer {
    id: Uuid,
    key: EncodingKey,
    public_key: Jwk,
    _text: SecretString,
}

impl DevelopmentIssuer {
    /// A new issuer with a P-256 key.
    pub(crate) fn create(id: Uuid) -> Result<StoredIssuer, rcgen::Error> {
        let private_key = rcgen::KeyPair::generate()?.serialize_pem();
        Ok(StoredIssuer { id, private_key })
    }

    /// The issuer from what was kept.
    pub(crate) fn open(stored: StoredIssuer) -> Result<Self, String> {
        let text: SecretString = stored.private_key.into();
        let key = EncodingKey::from_ec_pem(text.expose_secret().as_bytes())
            .map_err(|_| "its private_key is not a P-256 key in PEM".to_owned())?;
        let mut public_key = Jwk::from_encoding_key(&key, Algorithm::ES256)
            .map_err(|_| "its private_key is not a P-256 key in PEM".to_owned())?;
        public_key.common.key_id = Some(KID.to_owned());
        public_key.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            id: stored.id,
            key,
            public_key,
            _text: text,
        })
    }

    /// The `iss` of its tokens. `.invalid` never resolves (RFC 6761 §6.4).
    pub(crate) fn issuer(&self) -> String {
        format!("https://{}.development-issuer.invalid", self.id)
    }

    /// The audience that its tokens carry: this data directory's vending endpoint.
    pub(crate) fn audience(&self) -> String {
        format!("vending-{}", self.id)
    }

    /// The discovery document, with the keys at `jwks_uri`.
    pub(crate) fn configuration(&self, jwks_uri: &str) -> Value {
        json!({
            "issuer": self.issuer(),
            "jwks_uri": jwks_uri,
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        })
    }

    /// The key set.
    pub(crate) fn keys(&self) -> Value {
        json!({"keys": [self.public_key]})
    }

    /// A caller's token that lives 24 hours from `now`.
    pub(crate) fn token(&self, now: Timestamp) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header {
            kid: Some(KID.to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        let claims = json!({
            "iss": self.issuer(),
            "sub": SUBJECT,
            "aud": self.audience(),
            "iat": now.unix(),
            "nbf": now.unix(),
            "exp": (now + TOKEN_LIFE).unix(),
        });
        jsonwebtoken::encode(&header, &claims, &self.key)
    }
}
