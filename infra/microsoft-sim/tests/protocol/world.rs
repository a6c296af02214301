//! One running simulator, one registered application, one client.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use microsoft_sim::{
    Clock, Config, KeyCredential, Registration, RequiredResource, SimulatedTenant, Simulator,
};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio::sync::oneshot;
use url::Url;
use uuid::Uuid;

use crate::assertion::{Assertion, identity};

pub(crate) const RESOURCE: &str = "https://manage.office.com";
pub(crate) const REDIRECT_URI: &str = "http://localhost:8080/consent/callback";
pub(crate) const SECRET: &str = "a secret of the tests";
pub(crate) const CLIENT_ID: Uuid = Uuid::from_u128(0xa609_9727_6b7b_482c_b509_1df3_09ac_c563);
/// 2026-01-15T00:00:00Z, in Unix seconds.
pub(crate) const START: u64 = 1_768_435_200;

/// A clock that only the test moves.
pub(crate) struct TestClock(AtomicU64);

impl Clock for TestClock {
    fn unix_seconds(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl TestClock {
    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// Everything a test needs; the server ends with it.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) base_url: String,
    pub(crate) http: reqwest::Client,
    pub(crate) tenants: Vec<SimulatedTenant>,
    _stop: oneshot::Sender<()>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    pub(crate) async fn start_with(config: Config) -> Self {
        let clock = Arc::new(TestClock(AtomicU64::new(START)));
        let shared: Arc<dyn Clock> = clock.clone();
        let simulator = Simulator::open(config, shared).unwrap();
        simulator.register(registration()).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let (stop, stopped) = oneshot::channel::<()>();
        let (served, url) = (simulator.clone(), base_url.clone());
        tokio::spawn(async move {
            let shutdown = async { drop(stopped.await) };
            served.serve(listener, url, shutdown).await.unwrap();
        });
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            tenants: simulator.tenants(),
            simulator,
            clock,
            base_url,
            http,
            _stop: stop,
        }
    }

    /// Grants the first tenant's consent.
    pub(crate) fn grant(&self) {
        let tenant_id = self.tenants[0].tenant_id;
        self.simulator
            .grant_admin_consent(CLIENT_ID, &[tenant_id])
            .unwrap();
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    pub(crate) async fn get_json(&self, path: &str) -> (StatusCode, Value) {
        let response = self.http.get(self.url(path)).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// A page, asked for with these parameters.
    pub(crate) async fn get<N: AsRef<str>, V: AsRef<str>>(
        &self,
        path: &str,
        query: &[(N, V)],
    ) -> Response {
        let url = Url::parse_with_params(&self.url(path), query).unwrap();
        self.http.get(url).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.http
            .post(self.url(path))
            .form(form)
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn set_fault(&self, fault: Value) -> String {
        let request = self.http.post(self.url("/_sim/faults")).json(&fault);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        let body: Value = response.json().await.unwrap();
        body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn stats(&self) -> Value {
        self.get_json("/_sim/stats").await.1
    }

    /// An assertion for the token endpoint of this path.
    pub(crate) fn assertion(&self, path: &str) -> Assertion {
        Assertion::new(&self.url(path))
    }

    /// The form of an app-only request at this tenant, v2.0.
    pub(crate) fn app_only(&self, tenant: Uuid) -> (String, Vec<(String, String)>) {
        let path = format!("/{tenant}/oauth2/v2.0/token");
        let assertion = self.assertion(&path).sign();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &CLIENT_ID.to_string()),
            ("scope", "https://manage.office.com/.default"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", &assertion),
        ];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        (path, form.to_vec())
    }

    /// Asks for an app-only token and gives the answer.
    pub(crate) async fn ask_app_only(&self, tenant: Uuid) -> (StatusCode, Value) {
        let (path, form) = self.app_only(tenant);
        let response = self
            .http
            .post(self.url(&path))
            .form(&form)
            .send()
            .await
            .unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// The claims of a token whose signature holds.
    pub(crate) async fn verified(&self, token: &str) -> Value {
        let (_, keys) = self.get_json("/common/discovery/v2.0/keys").await;
        let key = &keys["keys"][0];
        let header = jsonwebtoken::decode_header(token).unwrap();
        assert_eq!(header.kid.as_deref(), key["kid"].as_str());
        let parts = (key["n"].as_str().unwrap(), key["e"].as_str().unwrap());
        let key = jsonwebtoken::DecodingKey::from_rsa_components(parts.0, parts.1).unwrap();
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode(token, &key, &validation)
            .unwrap()
            .claims
    }
}

pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(crate) fn registration() -> Registration {
    Registration {
        client_id: CLIENT_ID,
        display_name: "Broker <of the tests>".to_owned(),
        home_tenant: None,
        multi_tenant: true,
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        key_credentials: vec![
            KeyCredential::from_certificate_der(&identity().certificate).unwrap(),
        ],
        client_secrets: vec![SECRET.to_owned()],
        required_roles: vec![RequiredResource {
            resource: RESOURCE.to_owned(),
            roles: vec![
                "ActivityFeed.Read".to_owned(),
                "ServiceHealth.Read".to_owned(),
            ],
            scopes: Vec::new(),
        }],
        group_membership_claims_directory_role: true,
    }
}

/// The query of a redirect's Location, which must be the registered URI.
pub(crate) fn redirected(response: &Response) -> Vec<(String, String)> {
    assert_eq!(response.status(), StatusCode::FOUND);
    let location = response.headers()["location"].to_str().unwrap();
    let url = Url::parse(location).unwrap();
    assert!(
        location.starts_with(&format!("{REDIRECT_URI}?")),
        "{location}"
    );
    url.query_pairs().into_owned().collect()
}

/// One parameter.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

/// The claims of a token, signature not looked at.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
