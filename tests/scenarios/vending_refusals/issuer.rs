//! The development issuer of a machine, with the key that its data directory keeps: it
//! signs whatever a row wants.

use auth::ports::Clock as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The development issuer of the machine, with its key.
pub(super) struct DevelopmentIssuer {
    pub(super) id: String,
    pub(super) private_key: String,
}

impl DevelopmentIssuer {
    pub(super) fn of(directory: &TempDir) -> Self {
        let text = std::fs::read_to_string(directory.path().join("issuer.json")).unwrap();
        let stored: Value = serde_json::from_str(&text).unwrap();
        let text = |name: &str| stored[name].as_str().unwrap().to_owned();
        Self {
            id: text("id"),
            private_key: text("private_key"),
        }
    }

    /// The claims of a token that is good.
    pub(super) fn claims(&self) -> Value {
        let now = aws::SystemClock.now().unix();
        json!({
            "iss": format!("https://{}.development-issuer.invalid", self.id),
            "sub": "developer",
            "aud": format!("vending-{}", self.id),
            "iat": now,
            "nbf": now,
            "exp": now + 600,
        })
    }

    /// The header of a token that is good.
    pub(super) fn header(&self) -> Header {
        Header {
            kid: Some("1".to_owned()),
            ..Header::new(Algorithm::ES256)
        }
    }

    /// A token signed with the issuer's own key.
    pub(super) fn sign(&self, header: &Header, claims: &Value) -> String {
        let key = EncodingKey::from_ec_pem(self.private_key.as_bytes()).unwrap();
        jsonwebtoken::encode(header, claims, &key).unwrap()
    }

    /// A signed text that need not be claims.
    pub(super) fn sign_bytes(&self, header: &Header, payload: &str) -> String {
        let key = EncodingKey::from_ec_pem(self.private_key.as_bytes()).unwrap();
        let header = serde_json::to_vec(header).unwrap();
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(payload)
        );
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::ES256);
        format!("{signed}.{}", signature.unwrap())
    }

    /// The same with its claims changed.
    pub(super) fn with(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[name] = value;
        self.sign(&self.header(), &claims)
    }

    /// The same with a claim left out.
    pub(super) fn without(&self, name: &str) -> String {
        let mut claims = self.claims();
        claims.as_object_mut().unwrap().remove(name);
        self.sign(&self.header(), &claims)
    }
}
