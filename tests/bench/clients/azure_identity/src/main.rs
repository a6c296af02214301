//! Microsoft's client for Rust in the benchmark `clients`: the same lines as python.py.
//!
//! Its credential for certificates wants OpenSSL; this is the one for assertions, which are
//! signed here with a key that is parsed once.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PSS_SHA256, RsaKeyPair};
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::TokenCredential as _;
use azure_core::http::{ClientMethodOptions, ClientOptions, Transport};
use azure_identity::{
    ClientAssertion, ClientAssertionCredential, ClientAssertionCredentialOptions,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures::stream::{StreamExt as _, iter};
use serde::Deserialize;
use serde_json::json;

const VERSION: &str = "1.0";

#[derive(Deserialize)]
struct Settings {
    authority: String,
    ca_file: String,
    client_id: String,
    scope: String,
    private_key: String,
    certificate: String,
    tenants: Vec<String>,
    at_a_time: usize,
}

struct Signer {
    key: RsaKeyPair,
    thumbprint: String,
}

struct Assertion {
    signer: Arc<Signer>,
    client_id: String,
    audience: String,
}

impl std::fmt::Debug for Assertion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Assertion").finish_non_exhaustive()
    }
}

#[async_trait]
impl ClientAssertion for Assertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let (now, id) = (now.as_secs(), now.as_nanos().to_string());
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.signer.thumbprint});
        let claims = json!({
            "aud": self.audience, "iss": self.client_id, "sub": self.client_id,
            "jti": id, "nbf": now - 30, "exp": now + 570, "iat": now,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.signer.key.public_modulus_len()];
        let random = SystemRandom::new();
        let key = &self.signer.key;
        key.sign(&RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature)
            .unwrap();
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// A credential for each tenant over one pool; a new one for each token, because it keeps what
/// it has.
struct Fleet {
    settings: Settings,
    signer: Arc<Signer>,
    transport: Transport,
}

impl Fleet {
    fn new(settings: Settings) -> Self {
        let certificate = std::fs::read(&settings.ca_file).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_merge([reqwest::Certificate::from_pem(&certificate).unwrap()])
            .build()
            .unwrap();
        let signer = Signer {
            key: RsaKeyPair::from_pkcs8(&der(&settings.private_key)).unwrap(),
            thumbprint: URL_SAFE_NO_PAD.encode(digest(&SHA256, &der(&settings.certificate))),
        };
        Self {
            settings,
            signer: Arc::new(signer),
            transport: Transport::new(Arc::new(client)),
        }
    }

    async fn token(&self, tenant: &str) -> usize {
        let Settings {
            authority,
            client_id,
            ..
        } = &self.settings;
        let assertion = Assertion {
            signer: Arc::clone(&self.signer),
            client_id: client_id.clone(),
            audience: format!("{authority}/{tenant}/oauth2/v2.0/token"),
        };
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host.clone_from(authority);
        let options = ClientAssertionCredentialOptions {
            client_options: ClientOptions {
                transport: Some(self.transport.clone()),
                cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
                ..ClientOptions::default()
            },
        };
        let (tenant, client_id) = (tenant.to_owned(), client_id.clone());
        let credential =
            ClientAssertionCredential::new(tenant, client_id, assertion, Some(options)).unwrap();
        let token = credential.get_token(&[&self.settings.scope], None).await;
        usize::from(!token.unwrap().token.secret().is_empty())
    }

    async fn tokens(&self) -> usize {
        iter(&self.settings.tenants)
            .map(|tenant| self.token(tenant))
            .buffer_unordered(self.settings.at_a_time)
            .fold(0, async |sum, token| sum + token)
            .await
    }
}

/// The first block of a PEM text.
fn der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().skip_while(|line| !line.starts_with("-----BEGIN")).skip(1);
    let body: String = lines.take_while(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

/// One thread, as ours.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut lines = std::io::stdin().lines().map(Result::unwrap);
    let fleet = Fleet::new(serde_json::from_str(&lines.next().unwrap()).unwrap());
    println!("{}", json!({"name": format!("azure_identity {VERSION} (Rust)")}));
    for line in lines {
        let tokens = if line.contains("prepare") { 0 } else { fleet.tokens().await };
        println!("{}", json!({"tokens": tokens}));
    }
}
