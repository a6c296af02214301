//! The simulated Entra ID of the rehearsal, with the application as its owner registers
//! it: the reply URL of the stack's output, and the certificates in force.

use std::sync::Arc;

use microsoft_sim::{
    Config, KeyCredential, Registration, RequiredResource, SimulatedTenant, Simulator, SystemClock,
};
use reqwest::Client;
use serde_json::{Value, json};
use tests::secret_rotation::may_rotate;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::certificate::Certificate;

/// Our application. A GUID of nobody's.
pub(crate) const CLIENT_ID: &str = "3f1d9a52-6c0e-4b7f-9f0b-5d2c8e7a4b10";

/// Customers, and the tenant that the application is registered in.
const TENANTS: usize = 6;

/// A running simulator; dropping it ends it.
pub(crate) struct Authority {
    pub(crate) url: String,
    simulator: Simulator,
    client: Client,
    task: JoinHandle<()>,
}

impl Authority {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let config = Config {
            tenants: TENANTS,
            ..Config::default()
        };
        let simulator = Simulator::open(config, Arc::new(SystemClock)).unwrap();
        let serving = simulator.clone();
        let base_url = url.clone();
        let task = tokio::spawn(async move {
            let served = serving.serve(listener, base_url, std::future::pending());
            served.await.unwrap();
        });
        Self {
            url,
            simulator,
            client: Client::builder().no_proxy().build().unwrap(),
            task,
        }
    }

    /// Registers the application, or replaces its registration.
    pub(crate) fn register(&self, redirect_uri: Option<&str>, certificates: &[&Certificate]) {
        let credential = |certificate: &&Certificate| certificate.credential.clone();
        let registration = Registration {
            client_id: CLIENT_ID.parse().unwrap(),
            display_name: "Token broker".to_owned(),
            home_tenant: Some(self.home()),
            multi_tenant: true,
            redirect_uris: redirect_uri.into_iter().map(str::to_owned).collect(),
            key_credentials: certificates.iter().map(credential).collect(),
            client_secrets: Vec::new(),
            required_roles: vec![RequiredResource {
                resource: "https://manage.office.com".to_owned(),
                roles: vec!["ActivityFeed.Read".to_owned()],
                scopes: Vec::new(),
            }],
            group_membership_claims_directory_role: true,
        };
        self.simulator.register(registration).unwrap();
    }

    /// The customers.
    pub(crate) fn tenants(&self) -> Vec<SimulatedTenant> {
        let mut tenants = self.simulator.tenants();
        tenants.pop();
        tenants
    }

    /// Where the application is registered.
    pub(crate) fn home(&self) -> Uuid {
        let tenants = self.simulator.tenants();
        tenants.last().unwrap().tenant_id
    }

    /// The owner lets the application read and rotate itself.
    pub(crate) fn let_it_rotate(&self) {
        let client_id = CLIENT_ID.parse().unwrap();
        may_rotate(&self.simulator, client_id, self.home());
    }

    /// The key credentials of the application.
    pub(crate) fn registered(&self) -> Vec<KeyCredential> {
        let client_id = CLIENT_ID.parse().unwrap();
        self.simulator
            .registration(client_id)
            .unwrap()
            .key_credentials
    }

    /// The application has this reply URL, and of its key credentials the newest alone.
    pub(crate) fn keep_the_newest(&self, redirect_uri: &str) {
        let client_id = CLIENT_ID.parse().unwrap();
        let mut registration = self.simulator.registration(client_id).unwrap();
        let newest = registration.key_credentials.pop().unwrap();
        registration.key_credentials = vec![newest];
        registration.redirect_uris = vec![redirect_uri.to_owned()];
        self.simulator.register(registration).unwrap();
    }

    /// App-only tokens that were asked for so far.
    pub(crate) async fn requests_of(&self, tenant: Uuid) -> u64 {
        let stats = self.stats().await;
        stats["app_only_by_tenant"][tenant.to_string()]
            .as_u64()
            .unwrap_or(0)
    }

    /// The book's line of each record of the tenant's audit log that was offered so far.
    pub(crate) async fn records_of(&self, tenant: Uuid) -> Vec<Value> {
        let url = format!("{}/_sim/activity/records?tenant={tenant}", self.url);
        let response = self.client.get(url).send().await.unwrap();
        let text = response.text().await.unwrap();
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }

    /// The admin takes the consent back; the next consent ends it.
    pub(crate) async fn revoke(&self, tenant: Uuid) {
        self.fault(json!({"kind": "consent_revoked", "tenant": tenant}))
            .await;
    }

    /// Requests for this tenant are answered with 429, until [`end_faults`](Self::end_faults).
    pub(crate) async fn throttle(&self, tenant: Uuid) {
        self.fault(json!({"kind": "throttle", "tenant": tenant, "value": 1}))
            .await;
    }

    /// The tenant's own metadata say GCC.
    pub(crate) async fn lives_in_gcc(&self, tenant: Uuid) {
        let kind = "region_sub_scope";
        self.fault(json!({"kind": kind, "tenant": tenant, "value": "GCC"}))
            .await;
    }

    pub(crate) async fn end_faults(&self) {
        let request = self.client.delete(format!("{}/_sim/faults", self.url));
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "faults");
    }

    async fn fault(&self, fault: Value) {
        let url = format!("{}/_sim/faults", self.url);
        let response = self.client.post(url).json(&fault).send().await.unwrap();
        assert!(response.status().is_success(), "{fault}");
    }

    /// Requests that were refused with this AADSTS number.
    pub(crate) async fn refused(&self, number: u32) -> u64 {
        let stats = self.stats().await;
        stats["refused"][number.to_string()].as_u64().unwrap_or(0)
    }

    async fn stats(&self) -> Value {
        let url = format!("{}/_sim/stats", self.url);
        let response = self.client.get(url).send().await.unwrap();
        response.json().await.unwrap()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.task.abort();
    }
}
