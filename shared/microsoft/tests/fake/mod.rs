//! An authority that answers what a test tells it to and remembers what arrived. It
//! is not the simulator: it judges nothing.

pub(crate) mod clients;
pub(crate) mod lines;
pub(crate) mod platform;
pub(crate) mod raw;
pub(crate) mod remote;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
pub(crate) use clients::{
    ask, ask_for, client, client_by, client_of, client_signing, client_signing_in, redeem,
    redeeming,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use microsoft::{EntraClient, SigningKey};
use platform::{Certificate, HeldSecrets};
use serde_json::{Value, json};

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
pub(crate) const CLIENT: &str = "a6099727-6b7b-482c-b509-1df309acc563";
pub(crate) const KID: &str = "key-1";
pub(crate) const NONCE: &str = "the-nonce";

/// The authority's own key, as PEM: made once, because most of a test's time goes into keys.
static OWN_KEY: LazyLock<String> = LazyLock::new(|| {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    pem("PRIVATE KEY", pair.as_der().unwrap().as_ref())
});

/// What arrived at the token endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) path: String,
    pub(crate) form: HashMap<String, String>,
}

struct Shared {
    base_url: String,
    answer: Mutex<(u16, String)>,
    arrived: Mutex<Vec<Arrived>>,
    /// Thumbprints (`x5t#S256`) that are registered; every one where none are set.
    registered: Mutex<Vec<String>>,
    /// The number that every other certificate is refused with.
    refused_with: Mutex<u32>,
    /// Each key says which issuer it signs for.
    keys: Value,
    /// The same key, which says nothing of an issuer.
    keys_v1: Value,
}

impl Shared {
    fn is_registered(&self, assertion: Option<&String>) -> bool {
        let registered = self.registered.lock().unwrap();
        let thumbprint = assertion.map(|assertion| part(assertion, 0)["x5t#S256"].clone());
        registered.is_empty() || thumbprint.is_some_and(|one| registered.iter().any(|r| one == **r))
    }
}

/// The running authority.
pub(crate) struct FakeAuthority {
    shared: Arc<Shared>,
    /// The key that it publishes.
    pub(crate) key: EncodingKey,
    /// The same key's modulus, for attacks that use it as an HMAC secret.
    pub(crate) modulus: Vec<u8>,
    pub(crate) signing_key: SigningKey,
    pub(crate) secrets: Arc<HeldSecrets>,
}

impl FakeAuthority {
    pub(crate) async fn start() -> Self {
        let key = EncodingKey::from_rsa_pem(OWN_KEY.as_bytes()).unwrap();
        let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        jwk["kid"] = json!(KID);
        let keys_v1 = json!({"keys": [jwk]});
        jwk["issuer"] = json!(format!("{base_url}/{{tenantid}}/v2.0"));
        let mut consumers = jwk.clone();
        consumers["kid"] = json!("consumers-key");
        consumers["issuer"] = json!(format!(
            "{base_url}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"
        ));
        let keys = json!({"keys": [jwk, consumers, {"kty": "unheard-of", "kid": "x"}]});
        let further = keys_for(&jwk, &base_url);
        let shared = Arc::new(Shared {
            base_url,
            answer: Mutex::new((500, String::new())),
            arrived: Mutex::default(),
            registered: Mutex::default(),
            refused_with: Mutex::new(700_027),
            keys_v1: with_further(keys_v1, &further),
            keys: with_further(keys, &further),
        });
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

        let certificate = Certificate::create("test");
        Self {
            shared,
            key,
            modulus,
            signing_key: certificate.signing_key(),
            secrets: HeldSecrets::holding(&certificate),
        }
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    pub(crate) async fn client(&self) -> EntraClient {
        client(self.base_url(), &self.secrets).await
    }

    /// What the token endpoint answers from now on.
    pub(crate) fn answer(&self, status: u16, body: impl ToString) {
        *self.shared.answer.lock().unwrap() = (status, body.to_string());
    }

    /// From now on only assertions of this certificate are proof.
    pub(crate) fn register_only(&self, certificate: &Certificate) {
        let thumbprint = certificate.signing_key().sha256_thumbprint().to_owned();
        *self.shared.registered.lock().unwrap() = vec![thumbprint];
    }

    /// From now on every assertion is proof.
    pub(crate) fn register_all(&self) {
        self.shared.registered.lock().unwrap().clear();
    }

    /// From now on every other certificate is refused with this number.
    pub(crate) fn refuse_others_with(&self, number: u32) {
        *self.shared.refused_with.lock().unwrap() = number;
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.shared.arrived.lock().unwrap().clone()
    }

    /// A token with these claims, signed with RS256 under `kid`.
    pub(crate) fn sign(&self, kid: &str, claims: &Value) -> String {
        let header = Header {
            kid: Some(kid.to_owned()),
            ..Header::new(Algorithm::RS256)
        };
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }
}

/// The same key under further names, each for another issuer, as both sets publish them.
fn keys_for(jwk: &Value, base_url: &str) -> Vec<Value> {
    let other = "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357";
    let v1 = |tenant: &str| json!(format!("https://sts.windows.net/{tenant}/"));
    let v2 = |tenant: &str| json!(format!("{base_url}/{tenant}/v2.0"));
    let named = [
        ("for-null", Value::Null),
        ("for-nothing", json!("")),
        ("for-a-number", json!(7)),
        ("for-v1", v1("{tenantid}")),
        ("for-v1-of-the-tenant", v1(TENANT)),
        ("for-v1-of-another", v1(other)),
        ("for-v2", v2("{tenantid}")),
        ("for-v2-of-the-tenant", v2(TENANT)),
        ("for-v2-of-another", v2(other)),
    ];
    let key = |(kid, issuer): (&str, Value)| {
        let mut key = jwk.clone();
        key["kid"] = json!(kid);
        key["issuer"] = issuer;
        key
    };
    let mut unnamed = key(("for-nobody", Value::Null));
    unnamed.as_object_mut().unwrap().remove("issuer");
    named.into_iter().map(key).chain([unnamed]).collect()
}

fn with_further(mut set: Value, further: &[Value]) -> Value {
    set["keys"]
        .as_array_mut()
        .unwrap()
        .extend_from_slice(further);
    set
}

async fn answer(State(shared): State<Arc<Shared>>, uri: Uri, body: Bytes) -> (StatusCode, String) {
    let path = uri.path();
    let (base, v2) = (&shared.base_url, path.contains("v2.0"));
    if path.ends_with("openid-configuration") {
        let issuer = match v2 {
            true => format!("{base}/{{tenantid}}/v2.0"),
            false => "https://sts.windows.net/{tenantid}/".to_owned(),
        };
        let keys = if v2 { "keys" } else { "keys-v1" };
        let document = json!({"issuer": issuer, "jwks_uri": format!("{base}/{keys}")});
        return (StatusCode::OK, document.to_string());
    }
    if path == "/keys" {
        return (StatusCode::OK, shared.keys.to_string());
    }
    if path == "/keys-v1" {
        return (StatusCode::OK, shared.keys_v1.to_string());
    }
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let proven = shared.is_registered(form.get("client_assertion"));
    shared.arrived.lock().unwrap().push(Arrived {
        path: path.to_owned(),
        form,
    });
    if !proven {
        let number = *shared.refused_with.lock().unwrap();
        let body = json!({"error": "invalid_client", "error_codes": [number]});
        return (StatusCode::UNAUTHORIZED, body.to_string());
    }
    let (status, body) = shared.answer.lock().unwrap().clone();
    (StatusCode::from_u16(status).unwrap(), body)
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// The JSON of a part of a JWT.
pub(crate) fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
