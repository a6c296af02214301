//! The least that a new token costs: one RSA-2048 signature with a kept key and one
//! POST of the same bytes on a kept connection, through a client with the settings of
//! ours. The form is made beforehand, so that nothing else is in it; the simulator
//! checks it as it checks ours, and answers the same.

use std::time::Duration;

use auth::encoding::{base64url, from_base64_standard};
use auth::ports::{Clock as _, SecretSource as _};
use auth::secret::ExposeSecret as _;
use aws::{SecretFiles, SystemClock};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PSS_SHA256, RsaKeyPair};
use microsoft::SigningKey;
use reqwest::{Client, redirect};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::place::Place;

/// A signer and a client.
pub(crate) struct Floor {
    key: RsaKeyPair,
    thumbprint: String,
    client_id: String,
    authority: String,
    client: Client,
    random: SystemRandom,
}

/// A request that is ready to be sent.
pub(crate) struct Prepared {
    url: String,
    signed: String,
    body: String,
}

impl Floor {
    pub(crate) async fn new(place: &Place) -> Self {
        let secrets = SecretFiles::new(&place.secrets_directory);
        let secret = secrets.read(&place.variables["CERTIFICATE_SECRET_ID"]);
        let secret = secret.await.unwrap();
        let certificate = SigningKey::from_secret(&secret, SystemClock.now()).unwrap();
        let text: Value = serde_json::from_str(secret.expose_secret()).unwrap();
        Self {
            key: RsaKeyPair::from_pkcs8(&der(text["private_key"].as_str().unwrap())).unwrap(),
            thumbprint: certificate.sha256_thumbprint().to_owned(),
            client_id: place.variables["ENTRA_CLIENT_ID"].clone(),
            authority: place.variables["ENTRA_AUTHORITY"].clone(),
            client: client(),
            random: SystemRandom::new(),
        }
    }

    /// The same form that our client posts, with the same claims in its assertion.
    pub(crate) fn prepare(&self, tenant: &str) -> Prepared {
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.authority);
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let now = SystemClock.now().unix();
        let claims = json!({
            "aud": url, "iss": self.client_id, "sub": self.client_id,
            "jti": "8a5ab3c2-7d3c-4a35-9d7e-3a1b5d2c9f10",
            "nbf": now - 30, "exp": now + 570, "iat": now,
        });
        let part = |value: &Value| base64url(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let assertion = format!("{signed}.{}", base64url(&self.sign(&signed)));
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("scope", tests::broker::SCOPE)
            .append_pair("client_assertion_type", kind)
            .append_pair("client_assertion", &assertion)
            .finish();
        Prepared { url, signed, body }
    }

    pub(super) fn sign(&self, text: &str) -> Vec<u8> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        let signed = self.key.sign(
            &RSA_PSS_SHA256,
            &self.random,
            text.as_bytes(),
            &mut signature,
        );
        signed.unwrap();
        signature
    }

    /// One signature and one POST, whose answer is read whole and not looked at.
    pub(crate) async fn token(&self, prepared: &Prepared) -> usize {
        let signature = self.sign(&prepared.signed);
        std::hint::black_box(signature);
        let request = self
            .client
            .post(&prepared.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(prepared.body.clone());
        let answer = request.send().await.unwrap().error_for_status().unwrap();
        answer.bytes().await.unwrap().len()
    }
}

impl Prepared {
    pub(super) fn signed(&self) -> &str {
        &self.signed
    }

    pub(super) fn bytes(&self) -> usize {
        self.body.len()
    }
}

/// As `shared/microsoft/src/http.rs` builds its own.
fn client() -> Client {
    Client::builder()
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(10))
        .redirect(redirect::Policy::none())
        .http1_only()
        .no_proxy()
        .pool_idle_timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

fn der(pem: &str) -> Vec<u8> {
    let body: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    from_base64_standard(&body).unwrap()
}
