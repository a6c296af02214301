//! Entra ID for these tests: the simulator, in this process, with our application in its
//! directory. It knows nothing of the code that it judges.

use std::sync::Arc;

use microsoft_sim::{
    Config, KeyCredential, Registration, RequiredResource, Simulator, SystemClock,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::world::{CLIENT, REDIRECT_URI, World};

/// The simulator, which the run of a [`World`] takes for its authority.
pub(crate) struct Authority {
    simulator: Simulator,
    address: String,
    /// The simulated tenants, in the order of a file that lists them.
    pub(crate) tenants: Vec<String>,
}

impl Authority {
    /// Starts it with so many tenants, of which none has consented.
    pub(crate) async fn start(world: &World, tenants: usize) -> Self {
        let config = Config {
            tenants,
            ..Config::default()
        };
        let simulator = Simulator::open(config, Arc::new(SystemClock)).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (serving, url) = (simulator.clone(), format!("http://{address}"));
        world.change_run("/settings/ENTRA_AUTHORITY", json!(url));
        tokio::spawn(async move {
            let served = serving.serve(listener, url, std::future::pending()).await;
            served.unwrap();
        });
        let ids = simulator.tenants().into_iter();
        let authority = Self {
            tenants: ids.map(|tenant| tenant.tenant_id.to_string()).collect(),
            simulator,
            address,
        };
        authority.register(&[&world.certificate]);
        authority
    }

    /// Registers our application with these certificates and no other.
    pub(crate) fn register(&self, certificates: &[&[u8]]) {
        let registration = Self::registration(certificates);
        self.simulator.register(registration).unwrap();
    }

    fn registration(certificates: &[&[u8]]) -> Registration {
        let credential = |der: &&[u8]| KeyCredential::from_certificate_der(der).unwrap();
        Registration {
            client_id: CLIENT.parse().unwrap(),
            display_name: "Broker".to_owned(),
            home_tenant: None,
            multi_tenant: true,
            redirect_uris: vec![REDIRECT_URI.to_owned()],
            key_credentials: certificates.iter().map(credential).collect(),
            client_secrets: vec![],
            required_roles: vec![RequiredResource {
                resource: "https://manage.office.com".to_owned(),
                roles: vec!["ActivityFeed.Read".to_owned()],
                scopes: Vec::new(),
            }],
            group_membership_claims_directory_role: true,
        }
    }

    /// Our application is at home in the first tenant, may read itself, and is registered with
    /// that certificate and what `change` makes of it.
    pub(crate) fn settle(&self, certificate: &[u8], change: impl FnOnce(&mut Registration)) {
        let home = self.tenants[0].parse().unwrap();
        let mut registration = Self::registration(&[certificate]);
        registration.home_tenant = Some(home);
        change(&mut registration);
        self.simulator.register(registration).unwrap();
        let role = (
            "https://graph.microsoft.com",
            "Application.ReadWrite.OwnedBy",
        );
        let client = CLIENT.parse().unwrap();
        self.simulator.assign_role(client, home, role).unwrap();
    }

    /// The domain of the tenant at that place in the order.
    pub(crate) fn domain(&self, index: usize) -> String {
        let admin = self.simulator.tenants()[index].admin.clone();
        admin.split('@').nth(1).unwrap().to_owned()
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The admins of these tenants consent.
    pub(crate) fn grant(&self, tenants: &[String]) {
        let ids: Vec<Uuid> = tenants.iter().map(|id| id.parse().unwrap()).collect();
        let client = CLIENT.parse().unwrap();
        self.simulator.grant_admin_consent(client, &ids).unwrap();
    }

    /// Something goes wrong from now on.
    pub(crate) async fn fault(&self, fault: Value) {
        let answer = self.ask("POST", "/_sim/faults", &fault.to_string()).await;
        assert!(answer.get("id").is_some(), "{answer}");
    }

    /// The tenant's own metadata say so, where it is not a commercial one.
    pub(crate) async fn lives_in(&self, tenant: &str, plan: &str) {
        let kind = "region_sub_scope";
        let plan = json!({"kind": kind, "tenant": tenant, "value": plan});
        self.fault(plan).await;
    }

    /// Everything is well again.
    pub(crate) async fn end_faults(&self) {
        self.ask("DELETE", "/_sim/faults", "").await;
    }

    /// How many app-only tokens were asked for.
    pub(crate) async fn asked(&self) -> u64 {
        let stats = self.ask("GET", "/_sim/stats", "").await;
        stats["app_only_requests"].as_u64().unwrap()
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 2"), "{answer}");
        serde_json::from_str(body).unwrap_or_default()
    }
}
