//! The functions as they are deployed: in Lambda, with a table and secrets of their
//! own. The authority and the issuer of callers' tokens are those of a one-machine
//! run, whose certificate and keys the functions are given.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auth::ports::{Clock as _, Connecting, Tenants as _, Write};
use aws::{ControlTable, Endpoint, SystemClock, SystemRandom, Table, environment};
use serde_json::Value;
use tempfile::TempDir;

use crate::ministack::{Function, Invocation};
use crate::process::Start;
use crate::{Ministack, Process, connect_tenant};

/// Debian's bundle; the template names Amazon Linux's.
const CA_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The refresher on demand, as it is called in this account.
const ON_DEMAND: &str = "on-demand";

/// Where the application is registered: the rotator starts without asking it.
const HOME_TENANT: &str = "11111111-2222-3333-4444-555555555555";

/// A one-machine run, and an account of AWS that is set up like it.
pub struct Deployed {
    /// The run: authority, issuer, people.
    pub machine: Process,
    /// The account.
    pub cloud: Ministack,
    /// The functions' table.
    pub table: Table,
    /// The functions' variables.
    pub variables: BTreeMap<String, String>,
    /// The directory of the run's.
    secrets: PathBuf,
    directory: TempDir,
}

impl Deployed {
    /// Starts both. `machine`: `env!("CARGO_BIN_EXE_machine")` of the test.
    pub async fn start(machine: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // Its own refresher stays out of the way.
        let start = Start::new(machine, directory.path()).options(&["--refresh-every", "3600"]);
        let (machine, cloud) = tokio::join!(start.run(), Ministack::start());
        let run = json_file(&directory.path().join("run.json"));
        let variables = variables(&run, &cloud);
        let secrets = PathBuf::from(run["secrets_directory"].as_str().unwrap());
        let secrets_of_run = [
            "CERTIFICATE",
            "CONSENT_KEYS",
            "SEALING_KEYS",
            "FEED_WEBHOOK_KEYS",
        ];
        for secret in secrets_of_run {
            let name = &variables[&format!("{secret}_SECRET_ID")];
            let text = std::fs::read_to_string(secrets.join(name)).unwrap();
            cloud.create_secret(name, &text).await;
        }
        let table = table(&cloud.endpoint, &variables["TABLE_NAME"]).await;
        table.create().await.unwrap();
        control_table(&cloud.endpoint, &variables["CONTROL_TABLE_NAME"])
            .await
            .create()
            .await
            .unwrap();
        Self {
            machine,
            cloud,
            table,
            variables,
            secrets,
            directory,
        }
    }

    /// The data directory of the run.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The text of one of the run's secrets.
    pub fn secret(&self, name: &str) -> String {
        std::fs::read_to_string(self.secrets.join(name)).unwrap()
    }

    /// Puts a function into Lambda. The refresher is deployed twice, as `refresher` and as
    /// `on-demand`, which consent and vending ask.
    pub async fn deploy(&self, name: &str) {
        let function = Function {
            name,
            binary: &function_binary(program(name)),
            timeout: timeout(name),
            variables: &self.variables_of(name),
        };
        self.cloud.create_function(&function).await;
        if name == ON_DEMAND {
            for asker in ["consent", "vending"] {
                self.cloud.create_alias(name, asker).await;
            }
        }
    }

    /// The variables of one function.
    pub fn variables_of(&self, name: &str) -> BTreeMap<String, String> {
        let mut variables = self.variables.clone();
        let (variable, value) = match name {
            ON_DEMAND => ("ON_DEMAND", "true".to_owned()),
            "rotator" => ("ENTRA_HOME_TENANT", HOME_TENANT.to_owned()),
            // Each asker has its own alias.
            _ => ("ON_DEMAND_FUNCTION", format!("{ON_DEMAND}:{name}")),
        };
        variables.insert(variable.to_owned(), value);
        variables
    }

    /// The answer of a function that must not fail.
    pub async fn invoke(&self, function: &str, event: &Value) -> Value {
        let Invocation { failed, answer } = self.cloud.invoke(function, event).await;
        assert!(!failed, "{function}: {answer}");
        answer
    }

    /// An admin connects the run's first tenant there; its row is then written into the
    /// functions' table as the consent function would. Gives the tenant's ID.
    pub async fn connect_tenant(&self) -> String {
        let ready = &self.machine.ready;
        let person = &ready.simulated_tenants[0];
        connect_tenant(ready, 0).await;
        let connected = table(&ready.table_endpoint, &ready.table_name)
            .await
            .find(person.tenant_id.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        let resources = ["https://manage.office.com".parse().unwrap()];
        let now = SystemClock.now();
        let write = self
            .table
            .connect(Connecting::new(&connected, &resources, now))
            .await;
        assert_eq!(write.unwrap(), Write::Done);
        person.tenant_id.clone()
    }
}

/// The program of a function.
fn program(function: &str) -> &str {
    match function {
        "on-demand" => "refresher",
        program => program,
    }
}

/// As in template.yaml: a scheduled run begins nothing that it may not be able to end.
fn timeout(function: &str) -> u32 {
    match function {
        "refresher" => 240,
        "collector" => 270,
        "on-demand" => 20,
        _ => 25,
    }
}

/// What the run gave its own functions, with AWS in place of its files.
pub fn variables(run: &Value, cloud: &Ministack) -> BTreeMap<String, String> {
    let mut variables: BTreeMap<String, String> =
        serde_json::from_value(run["settings"].clone()).unwrap();
    let mut set = |name: &str, value: &str| variables.insert(name.to_owned(), value.to_owned());
    set("AWS_ENDPOINT_URL", &cloud.endpoint);
    set("SSL_CERT_FILE", CA_BUNDLE);
    set("REFRESH_EVERY_SECONDS", "300");
    variables
}

async fn control_table(endpoint: &str, name: &str) -> ControlTable {
    let endpoint = Endpoint::Local(endpoint.to_owned());
    aws::connect(&endpoint)
        .await
        .control_table(name, Arc::new(SystemRandom))
}

async fn table(endpoint: &str, name: &str) -> Table {
    let endpoint = Endpoint::Local(endpoint.to_owned());
    aws::connect(&endpoint)
        .await
        .table(name, Arc::new(SystemRandom))
}

fn json_file(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A function's binary: the test build's, which stands beside the tests and is made by the
/// command below, not by `cargo test`; with `FUNCTIONS`, that of another directory
/// (`tests/run --release`).
pub fn function_binary(function: &str) -> PathBuf {
    let directory = environment("FUNCTIONS").map_or_else(beside_the_tests, PathBuf::from);
    let binary = directory.join(function);
    assert!(
        binary.is_file(),
        "{} is missing; build it (tests/run does): \
         cargo build --workspace --all-targets --features tests/real-parts",
        binary.display()
    );
    binary
}

/// Test programs stand in `deps`, below the binaries of the same build.
fn beside_the_tests() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.ancestors().nth(2).unwrap().to_owned()
}
