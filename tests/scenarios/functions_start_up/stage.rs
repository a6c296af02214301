//! A run whose authority, issuer and table the functions use, the table and the secrets
//! behind services that a test breaks; and a clock that stands until it is moved.

use std::collections::BTreeMap;
use std::sync::Arc;

use auth::on_demand::OnDemandPorts;
use auth::ports::{Clock as _, HeldClock, Random, Write};
use aws::{Connection, Endpoint, SystemClock, SystemRandom};
use serde_json::Value;
use tempfile::TempDir;
use tests::aws_service::{ACCOUNT, AwsService};
use tests::lines::Lines;
use tests::neighbour::Neighbour;
use tests::process::Start;
use tests::{Broker, Process, connect_tenant};
use wiring::settings::{CONTROL_TABLE_NAME, FunctionSettings, TABLE_NAME, TableNames};
use wiring::{Basis, Platform, Store};

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");
const SECRETS: [(&str, &str); 4] = [
    ("CERTIFICATE_SECRET_ID", "certificate"),
    ("SEALING_KEYS_SECRET_ID", "sealing-keys"),
    ("CONSENT_KEYS_SECRET_ID", "consent-keys"),
    ("FEED_WEBHOOK_KEYS_SECRET_ID", "webhook-keys"),
];

const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/feed";

pub(super) struct Stage {
    pub(super) process: Process,
    pub(super) directory: TempDir,
    pub(super) table: AwsService,
    pub(super) secrets: AwsService,
    pub(super) queue: AwsService,
    pub(super) clock: Arc<HeldClock>,
    pub(super) lines: Lines,
    settings: BTreeMap<String, String>,
    good: BTreeMap<&'static str, String>,
}

impl Stage {
    /// With the first tenant connected and its token in the table.
    pub(super) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let start = Start::new(MACHINE, directory.path());
        let process = start.options(&["--refresh-every", "3600"]).run().await;
        let run = std::fs::read(directory.path().join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        let file = |name: &str| {
            let secrets = run["secrets_directory"].as_str().unwrap();
            std::fs::read_to_string(format!("{secrets}/{name}")).unwrap()
        };
        let good = SECRETS.map(|(_, name)| (name, file(name)));
        let mut settings: BTreeMap<String, String> =
            serde_json::from_value(run["settings"].clone()).unwrap();
        for (variable, name) in SECRETS {
            settings.insert(variable.to_owned(), secret_id(name));
        }
        let secrets = good.clone().map(|(name, text)| (secret_id(name), text));
        let stage = Self {
            table: AwsService::table(&process.ready.table_endpoint).await,
            secrets: AwsService::secrets(secrets.into()).await,
            queue: AwsService::queue().await,
            clock: Arc::new(HeldClock::at(0)),
            lines: Lines::listen("info"),
            good: good.into(),
            settings,
            directory,
            process,
        };
        stage.connect(0).await;
        let vended = Broker::of(&stage.process.ready)
            .vend(&stage.tenant(0))
            .await;
        assert_eq!(vended.status, 200, "{}", vended.body);
        stage
    }

    /// Everything as it should be, and the clock at the present: what a row begins with.
    pub(super) async fn reset(&mut self) {
        self.mend().await;
        self.clock = Arc::new(HeldClock::at(SystemClock.now().unix()));
        self.lines.take();
    }

    /// Everything as it should be.
    pub(super) async fn mend(&mut self) {
        self.table.mend().await;
        self.secrets.mend().await;
        self.queue.mend().await;
        for (name, text) in &self.good {
            self.secrets.put_secret(&secret_id(name), Some(text));
        }
    }

    pub(super) fn setting(&self, name: &str) -> Option<String> {
        self.settings.get(name).cloned()
    }

    /// What a deployment says of it from now on.
    pub(super) fn set(&mut self, name: &str, value: String) {
        self.settings.insert(name.to_owned(), value);
    }

    /// The settings name a secret by its ARN, as the template does.
    pub(super) fn secret_id(&self, name: &str) -> String {
        secret_id(name)
    }

    pub(super) fn good(&self, secret: &str) -> String {
        self.good[secret].clone()
    }

    /// What the functions stand on.
    pub(super) async fn platform(&self) -> Platform {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let at = |service: &AwsService| Endpoint::Local(service.url.clone());
        let table = aws::connect(&at(&self.table)).await;
        let secrets = aws::connect(&at(&self.secrets)).await;
        let queue = aws::connect(&at(&self.queue)).await;
        let tables = TableNames {
            table: self.settings[TABLE_NAME].clone(),
            control: self.settings[CONTROL_TABLE_NAME].clone(),
        };
        let store = Store::on(&table, &tables, random.clone());
        let secrets = Arc::new(secrets.secrets());
        Platform {
            on_demand: self.signs_elsewhere().await,
            own: Some(self.own().await),
            wakes: Some(Arc::new(queue.queue(QUEUE))),
            ..Platform::new(store, secrets, self.clock.clone(), random)
        }
    }

    /// The bucket of the run, and the key of its collector.
    async fn own(&self) -> Connection {
        let key = std::fs::read(self.directory.path().join("collector-key.json")).unwrap();
        let key: Value = serde_json::from_slice(&key).unwrap();
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        let objects = Endpoint::Local(self.process.ready.objects_url.clone());
        let secret = text("secret_access_key").into();
        aws::connect(&objects)
            .await
            .signing_as(&text("access_key_id"), &secret)
    }

    /// The function that signs, for those who ask it: another one, in which nothing is wrong.
    async fn signs_elsewhere(&self) -> OnDemandPorts {
        let well = Neighbour::of(self.directory.path(), self.clock.clone()).await;
        well.platform.on_demand
    }

    /// What a function is built from.
    pub(super) async fn basis<S: FunctionSettings>(&self) -> Basis<S> {
        Basis::on(&self.platform().await, &|name| self.setting(name)).unwrap()
    }

    pub(super) fn tenant(&self, index: usize) -> String {
        self.process.ready.simulated_tenants[index]
            .tenant_id
            .clone()
    }

    /// An admin of the tenant connects it at the run.
    pub(super) async fn connect(&self, index: usize) {
        connect_tenant(&self.process.ready, index).await;
    }

    /// The token of the tenant is to be renewed now, whatever was written of it.
    pub(super) async fn make_due(&self, index: usize) {
        let neighbour = Neighbour::of(self.directory.path(), self.clock.clone()).await;
        let tenant = self.tenant(index).parse().unwrap();
        assert_eq!(neighbour.make_due(tenant).await, Write::Done);
    }

    /// The faults that were told since the last time, each as `event: text`; there is no
    /// secret in them and no account number. Lines of the audit log and of what went well
    /// are passed over.
    pub(super) fn faults(&self, row: &str) -> Vec<String> {
        let lines = self.lines.take();
        let told = lines.iter().inspect(|line| self.check_discreet(row, line));
        let faults = told.filter(|line| line["level"] != "INFO");
        faults
            .map(|line| self.on_any_port(fault_text(line)))
            .collect()
    }

    /// The guide has no port of one run of the tests.
    fn on_any_port(&self, text: String) -> String {
        [&self.table.url, &self.secrets.url, &self.queue.url]
            .iter()
            .fold(text, |text, url| {
                text.replace(url.trim_start_matches("http://"), "HOST")
            })
    }

    fn check_discreet(&self, row: &str, line: &Value) {
        let line = line.to_string();
        assert!(!line.contains(ACCOUNT), "{row}: {line}");
        let caller = &self.process.ready.caller_token;
        assert!(!line.contains(caller.as_str()), "{row}: {line}");
        let secrets: Vec<Value> = self
            .good
            .values()
            .map(|text| serde_json::from_str(text).unwrap())
            .collect();
        for secret in secrets.iter().flat_map(long_texts) {
            // One line of a PEM block is enough to give it away.
            let part: String = secret.chars().skip(40).take(40).collect();
            let part = if part.len() < 40 { secret } else { part };
            assert!(!line.contains(&part), "{row}: {line}");
        }
    }
}

fn secret_id(name: &str) -> String {
    format!("arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:{name}")
}

/// Texts long enough to be a key or a certificate, wherever they stand.
fn long_texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if text.len() >= 40 => vec![text.clone()],
        Value::Object(fields) => fields.values().flat_map(long_texts).collect(),
        _ => Vec::new(),
    }
}

/// The event's name, and what it says is wrong.
fn fault_text(line: &Value) -> String {
    let text = |name: &str| line[name].as_str();
    let event = text("event").unwrap_or("no event");
    let why = text("reason").or(text("error")).unwrap_or_default();
    format!("{event}: {why}")
}
