//! An OpenID Connect issuer of callers' tokens with an RSA key, as most clouds have it:
//! it publishes its key over HTTP and signs as many tokens as are wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use auth::encoding::base64_standard;
use auth::ports::Clock as _;
use aws::SystemClock;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;
use gateway_sim::{HttpApi, Routes, Scheme};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use lambda_http::http::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const AUDIENCE: &str = "vending";
const SUBJECT: &str = "caller";
const KID: &str = "1";

/// A running issuer.
pub struct Issuer {
    /// Its `iss`, and where it is.
    pub url: String,
    key: EncodingKey,
    asked: Arc<AtomicU32>,
}

impl Issuer {
    /// Starts it in this process: whoever is measured asks it once.
    pub async fn start() -> Self {
        let key = rsa_key();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let configuration = json!({"issuer": url, "jwks_uri": format!("{url}/keys")});
        let keys = json!({"keys": [published(&key)]});
        let asked = Arc::new(AtomicU32::new(0));
        let document = |value: Value| {
            let asked = Arc::clone(&asked);
            move || {
                asked.fetch_add(1, Ordering::SeqCst);
                ("application/json", value.to_string())
            }
        };
        let configuration_path = "/.well-known/openid-configuration";
        let routes = Routes::new()
            .local(Method::GET, configuration_path, document(configuration))
            .local(Method::GET, "/keys", document(keys));
        let never = std::future::pending();
        tokio::spawn(gateway_sim::serve(
            http_api(routes),
            listener,
            Scheme::Http,
            never,
        ));
        Self { url, key, asked }
    }

    /// How many documents it was asked for.
    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    /// `VENDING_ISSUERS` with it alone.
    pub fn list(&self) -> String {
        json!([{"issuer": self.url, "audience": AUDIENCE, "private": true}]).to_string()
    }

    /// A check of its tokens, without a function's memory, list and times.
    pub fn check(&self) -> Check {
        let jwk = serde_json::from_value(published(&self.key)).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Check {
            key: DecodingKey::from_jwk(&jwk).unwrap(),
            validation,
        }
    }

    /// A caller's token, different for each `number`.
    pub fn token(&self, number: usize) -> String {
        self.token_with(number, &[])
    }

    /// The same with more claims.
    pub fn token_with(&self, number: usize, more: &[(&str, &str)]) -> String {
        let now = SystemClock.now().unix();
        let mut claims = json!({
            "iss": self.url, "sub": SUBJECT, "aud": AUDIENCE, "jti": number.to_string(),
            "iat": now, "nbf": now, "exp": now + 3_600,
        });
        for (name, value) in more {
            claims[*name] = json!(value);
        }
        self.sign(&claims)
    }

    /// A token with these claims and no others.
    pub fn sign(&self, claims: &Value) -> String {
        let header = Header {
            kid: Some(KID.to_owned()),
            ..Header::new(Algorithm::RS256)
        };
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }
}

/// Checks that signature alone, and reads the claims: what a new token costs at least.
pub struct Check {
    key: DecodingKey,
    validation: Validation,
}

impl Check {
    /// Fails where the signature does not hold.
    pub fn run(&self, token: &str) {
        let checked = jsonwebtoken::decode::<Value>(token, &self.key, &self.validation);
        std::hint::black_box(checked.unwrap());
    }
}

/// The HTTP API of the one-machine run with these routes.
pub fn http_api(routes: Routes) -> HttpApi {
    HttpApi::new(
        routes,
        Arc::new(|| SystemClock.now().unix() * 1_000),
        Arc::new(|| auth::ports::random_text::<12>(&aws::SystemRandom)),
    )
}

fn rsa_key() -> EncodingKey {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = pair.as_der().unwrap();
    let body = base64_standard(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
}

fn published(key: &EncodingKey) -> Value {
    let jwk = Jwk::from_encoding_key(key, Algorithm::RS256).unwrap();
    let mut jwk = serde_json::to_value(jwk).unwrap();
    jwk["kid"] = json!(KID);
    jwk
}
