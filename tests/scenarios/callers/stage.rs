//! A one-machine run over TLS with connected tenants, and what its callers need: a file
//! with the workload's token, and a caller key.

use std::path::PathBuf;
use std::sync::Arc;

use local::{Machine, Options, Parts};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::clock::OffsetClock;
use tests::judge::{Judge, installed};
use tests::{Broker, Browser, Flow, caller_key, in_process};

pub(super) const RESOURCE: &str = "https://manage.office.com";
/// A tenant that exists nowhere.
pub(super) const UNKNOWN_TENANT: &str = "f0b8b5a9-784f-49db-8016-7df345ccdb92";

/// The run and its callers' things.
pub(super) struct Stage {
    pub(super) broker: Broker,
    /// Signatures and proofs are made by programs that read the system's.
    pub(super) clock: Arc<OffsetClock>,
    pub(super) directory: TempDir,
    /// The IDs of the tenants that are connected; none has a token yet.
    pub(super) tenants: Vec<String>,
    /// A caller key.
    pub(super) key: String,
    machine: Machine,
}

/// What a judge told.
#[derive(Debug)]
pub(super) struct Told(pub(super) Value);

/// A request that a client sent, with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) status: u64,
    /// Seconds.
    pub(super) retry_after: Option<u64>,
}

impl Stage {
    /// With so many connected tenants.
    pub(super) async fn start(tenants: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(OffsetClock::by(0));
        let machine = machine(&directory, tenants, clock.clone()).await;
        let ready = in_process::ready(&machine);
        let ca_file = ready.ca_file.clone().expect("a CA over TLS");
        for person in &ready.simulated_tenants {
            let mut browser = Browser::trusting(&ca_file);
            let url = &ready.consent_url;
            let result = tests::connect(&mut browser, url, &person.admin, Flow::V2).await;
            assert_eq!(result.heading(), "Connected", "{}", result.body);
        }
        std::fs::write(directory.path().join("caller-token"), &ready.caller_token).unwrap();
        let people = ready.simulated_tenants.iter();
        let tenants = people.map(|person| person.tenant_id.clone()).collect();
        Self {
            broker: Broker::trusting(&ca_file, &ready),
            clock,
            tenants,
            key: caller_key(directory.path(), "legacy-tool").await,
            machine,
            directory,
        }
    }

    /// App-only requests that reached Entra ID so far.
    pub(super) async fn app_only_requests(&self) -> u64 {
        let stats = self.broker.stats().await;
        stats["app_only_requests"].as_u64().unwrap()
    }

    /// A file of the run's directory.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The URL of the managed-identity route, as a client is told it.
    pub(super) fn identity_endpoint(&self) -> String {
        format!("{}/msi/token", self.broker.ready.vending_url)
    }

    /// A process with the clients, whose proofs are the workload's token in this file and
    /// this caller key.
    pub(super) async fn clients(&self, token_file: &str, key: &str) -> Judge {
        let path = |name: &str| self.file(name).to_str().unwrap().to_owned();
        let (token_file, ca_file) = (path(token_file), path("ca.pem"));
        let endpoint = self.identity_endpoint();
        let variables = [
            ("BROKER_URL", self.broker.ready.vending_url.as_str()),
            ("CALLER_TOKEN_FILE", &token_file),
            ("REQUESTS_CA_BUNDLE", &ca_file),
            ("IDENTITY_ENDPOINT", &endpoint),
            ("IDENTITY_HEADER", key),
        ];
        Judge::start(&installed("JUDGES_PYTHON"), "callers.py", &variables).await
    }

    pub(super) async fn stop(self) {
        self.machine.stop().await;
    }
}

/// Lets a client ask for a tenant's token.
pub(super) async fn ask(judge: &mut Judge, client: &str, tenant: &str) -> Told {
    let question = json!({"client": client, "tenant": tenant, "resource": RESOURCE});
    judge.tell(&question).await;
    Told(judge.hear().await)
}

/// Lets a client ask for a tenant's token, and for another one with the API's challenge;
/// `capable`: whether the client says that it understands challenges.
pub(super) async fn ask_again(
    judge: &mut Judge,
    client: &str,
    tenant: &str,
    (claims, capable): (&str, bool),
) -> Told {
    let question = json!({
        "client": client, "tenant": tenant, "resource": RESOURCE,
        "claims": claims, "capable": capable,
    });
    judge.tell(&question).await;
    Told(judge.hear().await)
}

impl Told {
    /// The claims of the token that it got.
    pub(super) fn claims(&self) -> Value {
        let token = self.0["answer"]["access_token"].as_str();
        tests::jwt::claims(token.unwrap_or_else(|| panic!("no token: {}", self.0)))
    }

    /// The requests for a token, in their order: msal asks for our configuration besides.
    pub(super) fn token_requests(&self) -> Vec<Sent> {
        let sent = self.0["sent"].as_array().unwrap().iter();
        let sent = sent.map(|request| Sent {
            method: request[0].as_str().unwrap().to_owned(),
            path: request[1].as_str().unwrap().to_owned(),
            status: request[2].as_u64().unwrap(),
            retry_after: request[3].as_u64(),
        });
        sent.filter(|sent| sent.path.ends_with("/token")).collect()
    }
}

async fn machine(directory: &TempDir, tenants: usize, clock: Arc<OffsetClock>) -> Machine {
    let options = Options {
        simulated_tenants: tenants,
        tls: true,
        ..in_process::options(directory.path())
    };
    let parts = Parts::new(clock);
    Machine::start(&options, parts).await.unwrap()
}
