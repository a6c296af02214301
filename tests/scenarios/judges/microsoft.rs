//! Microsoft's clients and what is around them: a one-machine run over TLS, a tenant whose admin
//! has consented, and the process that the clients live in.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use auth::ports::Clock as _;
use auth::secret::ExposeSecret as _;
use aws::SystemClock;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use local::{Machine, Options, Parts};
use microsoft::certificate::create;
use reqwest::{Certificate, Client};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::broker::SCOPE;
use tests::in_process;
use tests::judge::{Judge, installed};
use tests::jwt::{claims, part};
use url::{Url, form_urlencoded};

/// Where each client's own documentation, or its source, names what it raises or gives.
const DOCUMENTS: [&str; 3] = [MSAL_ANSWER, MSAL_DISCOVERY, AZURE_IDENTITY_GET_TOKEN];
pub(super) const MSAL_ANSWER: &str = "msal.ConfidentialClientApplication.acquire_token_for_client";
pub(super) const MSAL_DISCOVERY: &str = "msal.authority.tenant_discovery";
pub(super) const AZURE_IDENTITY_GET_TOKEN: &str = "azure.identity.CertificateCredential.get_token";

/// A tenant that exists nowhere.
pub(super) const UNKNOWN_TENANT: &str = "00000000-1111-4222-8333-444444444444";

/// A certificate with its key, PEM.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) certificate: String,
    pub(super) private_key: String,
}

/// Everything that a judgement needs.
pub(super) struct Clients {
    machine: Machine,
    client: Client,
    judge: Judge,
    /// What the process said of itself: versions and documents.
    pub(super) introduction: Value,
    /// The one that is registered.
    pub(super) own: Pair,
    /// The one that is not.
    pub(super) other: Pair,
    /// The tenant that has consented.
    pub(super) tenant: String,
    directory: TempDir,
}

/// A request that a client sent.
pub(super) struct Sent(Value);

impl Pair {
    fn read(secret: &str) -> Self {
        let secret: Value = serde_json::from_str(secret).unwrap();
        Self {
            certificate: text(&secret["certificate"]),
            private_key: text(&secret["private_key"]),
        }
    }

    fn fresh() -> Self {
        let created = create("Nobody registered this", 1, SystemClock.now()).unwrap();
        Self {
            certificate: created.certificate_pem,
            private_key: created.private_key_pem.expose_secret().to_owned(),
        }
    }

    /// DER.
    pub(super) fn der(&self) -> Vec<u8> {
        let lines = self.certificate.lines();
        let inner: String = lines.filter(|line| !line.starts_with('-')).collect();
        STANDARD.decode(inner).unwrap()
    }

    pub(super) fn sha1(&self) -> Vec<u8> {
        hashed(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.der())
    }

    pub(super) fn sha256(&self) -> Vec<u8> {
        hashed(&digest::SHA256, &self.der())
    }
}

impl Clients {
    pub(super) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let machine = machine(&directory).await;
        let tenant = machine.ready.simulated_tenants[0].tenant_id.clone();
        machine
            .consent_at_simulator(&[tenant.parse().unwrap()])
            .unwrap();
        let secret = directory.path().join("secrets/certificate");
        let own = Pair::read(&std::fs::read_to_string(secret).unwrap());
        let ca_file = machine.ready.ca_file.clone().expect("a CA over TLS");
        let mut judge =
            Judge::start(&installed("JUDGES_PYTHON"), "microsoft_clients.py", &[]).await;
        judge
            .tell(&json!({
                "authority": machine.ready.entra_url,
                "ca_file": ca_file,
                "client_id": machine.ready.client_id,
                "scope": SCOPE,
                "thumbprint": hex(&own.sha1()),
                "documents": DOCUMENTS,
            }))
            .await;
        Self {
            introduction: judge.hear().await,
            judge,
            client: client(&std::fs::read(ca_file).unwrap()),
            machine,
            own,
            other: Pair::fresh(),
            tenant,
            directory,
        }
    }

    /// The run, and where its data are.
    pub(super) fn run(&self) -> (&Machine, &Path) {
        (&self.machine, self.directory.path())
    }

    /// Lets a client ask for a token.
    pub(super) async fn ask(&mut self, question: &Value, tenant: &str, pair: &Pair) -> Value {
        let mut question = question.clone();
        question["tenant"] = json!(tenant);
        question["certificate"] = json!(pair.certificate);
        question["private_key"] = json!(pair.private_key);
        self.judge.tell(&question).await;
        self.judge.hear().await
    }

    /// The authority's clock runs ahead by so many seconds, until [`Self::end_faults`].
    pub(super) async fn skew(&self, seconds: i64) {
        let fault = json!({"kind": "clock_skew", "tenant": null, "value": seconds, "times": null});
        let request = self.client.post(self.control("faults")).json(&fault);
        let answer = request.send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap()
        );
    }

    pub(super) async fn end_faults(&self) {
        let answer = self.client.delete(self.control("faults")).send().await;
        assert!(answer.unwrap().status().is_success());
    }

    /// How often the simulator refused so far, by AADSTS number.
    pub(super) async fn refused(&self) -> BTreeMap<String, u64> {
        let stats = self.client.get(self.control("stats")).send().await;
        let stats: Value = stats.unwrap().json().await.unwrap();
        serde_json::from_value(stats["refused"].clone()).unwrap()
    }

    fn control(&self, what: &str) -> String {
        format!("{}/_sim/{what}", self.machine.ready.entra_url)
    }

    /// The token endpoint's URL.
    pub(super) fn token_url(&self) -> String {
        let authority = &self.machine.ready.entra_url;
        format!("{authority}/{}/oauth2/v2.0/token", self.tenant)
    }

    pub(super) fn client_id(&self) -> &str {
        &self.machine.ready.client_id
    }

    /// What a client's documentation says at this name.
    pub(super) fn document(&self, name: &str) -> &str {
        self.introduction["documents"][name].as_str().unwrap()
    }

    /// The tenant's token, with the roles that its admin has granted.
    pub(super) fn check_token(&self, token: &Value) {
        let claims = claims(token.as_str().expect("a token"));
        assert_eq!(claims["tid"], self.tenant.as_str());
        assert_eq!(claims["appid"], self.client_id());
        assert_eq!(claims["aud"], "https://manage.office.com");
        let mut roles: Vec<String> = serde_json::from_value(claims["roles"].clone()).unwrap();
        roles.sort_unstable();
        assert_eq!(roles, ["ActivityFeed.Read", "ActivityFeed.ReadDlp"]);
    }

    pub(super) async fn stop(self) {
        self.machine.stop().await;
    }
}

impl Sent {
    /// The token requests of an answer, in their order.
    pub(super) fn token_requests(answer: &Value) -> Vec<Self> {
        let sent = answer["sent"].as_array().unwrap().iter().cloned();
        sent.filter(|request| request["method"] == "POST")
            .map(Self)
            .collect()
    }

    pub(super) fn url(&self) -> Url {
        self.0["url"].as_str().unwrap().parse().unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.0["headers"][name].as_str().unwrap_or_default()
    }

    /// Names in alphabetical order; each stands once.
    pub(super) fn form(&self) -> BTreeMap<String, String> {
        let body = self.0["body"].as_str().unwrap().as_bytes();
        let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let form: BTreeMap<_, _> = fields.iter().cloned().collect();
        assert_eq!(form.len(), fields.len(), "a field stands twice: {fields:?}");
        form
    }

    /// Header and claims of the assertion.
    pub(super) fn assertion(&self) -> (Value, Value) {
        let assertion = &self.form()["client_assertion"];
        (part(assertion, 0), part(assertion, 1))
    }
}

async fn machine(directory: &TempDir) -> Machine {
    let options = Options {
        tls: true,
        ..in_process::options(directory.path())
    };
    let parts = Parts::new(Arc::new(SystemClock));
    Machine::start(&options, parts).await.unwrap()
}

fn client(ca: &[u8]) -> Client {
    let ca = Certificate::from_pem(ca).unwrap();
    let builder = Client::builder().no_proxy().tls_certs_only([ca]);
    builder.build().unwrap()
}

/// The messages of what a client raised, from its own to that of the first cause.
pub(super) fn messages(answer: &Value) -> String {
    let messages: Vec<String> = serde_json::from_value(answer["messages"].clone()).unwrap();
    messages.join(" <- ")
}

fn hashed(algorithm: &'static digest::Algorithm, bytes: &[u8]) -> Vec<u8> {
    digest::digest(algorithm, bytes).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The names of an object's members, in alphabetical order.
pub(super) fn names(object: &Value) -> Vec<String> {
    let mut names: Vec<String> = object.as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    names
}
