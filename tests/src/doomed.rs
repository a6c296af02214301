//! A function's program in a process of its own, as Lambda starts it, on the table and the
//! authority of a run; killed (SIGKILL) at a moment that is known from outside: a gate, the
//! authority or Lambda's runtime API has its request. The program itself knows nothing of it.

use std::collections::BTreeMap;
use std::future::pending;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth::ports::Clock as _;
use aws::SystemClock;
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Broker;
use crate::aws_service::AwsService;
use crate::gate::{Gate, Moment, Stop};
use crate::lambda_runtime::Runtime;
use crate::process::collect;

/// A program that has not come to its moment after this never will.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than any client waits, in milliseconds.
const TOO_LATE: u32 = 600_000;

/// When the process is killed.
#[derive(Debug, Clone, Copy)]
pub enum Death {
    /// Its gate to the table has closed.
    AtTable(Stop),
    /// Its gate to the secrets has closed.
    AtSecrets(Stop),
    /// Entra ID has its first request to this endpoint, in the simulator's words, and has not
    /// answered. Before: nothing was done there; after: all of it.
    AtEntra(&'static str, Moment),
    /// Lambda has its answer, and the process has not heard so.
    Answered,
}

/// A program, and what it is started on.
pub struct Doomed<'a> {
    /// The binary: `env!("CARGO_BIN_EXE_…")` of the test.
    pub binary: &'a str,
    /// The data directory of the run whose table, secrets and settings it has.
    pub data_dir: &'a Path,
    /// Variables besides the run's settings.
    pub variables: &'a [(&'a str, &'a str)],
    /// As it is invoked: `FUNCTION`, or `FUNCTION:ALIAS`.
    pub name: &'a str,
    /// What it is invoked with.
    pub event: Value,
    /// How long Lambda leaves it for that, by the system's clock.
    pub time: Duration,
}

impl Doomed<'_> {
    /// Starts it, invokes it and kills it. What it logged until then, each a JSON object.
    pub async fn die(&self, broker: &Broker, death: Death) -> Vec<Value> {
        let (at_table, at_secrets) = match death {
            Death::AtTable(stop) => (Some(stop), None),
            Death::AtSecrets(stop) => (None, Some(stop)),
            Death::AtEntra(..) | Death::Answered => (None, None),
        };
        let service = self.secrets().await;
        let table = Gate::open(&broker.ready.table_endpoint, at_table).await;
        let secrets = Gate::open(&service.url, at_secrets).await;
        let held = Held::begin(broker, death).await;
        let moment = async {
            match death {
                Death::AtTable(_) => table.stopped().await,
                Death::AtSecrets(_) => secrets.stopped().await,
                Death::AtEntra(..) => held.has_asked().await,
                Death::Answered => pending().await,
            }
        };
        let endpoints = [
            ("AWS_ENDPOINT_URL_DYNAMODB", table.url.as_str()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.url.as_str()),
        ];
        let (answer, lines) = self.run_until(&endpoints, moment).await;
        let is_meant = answer.is_none() || matches!(death, Death::Answered);
        assert!(
            is_meant,
            "{death:?} was not reached, it has answered: {lines:?}"
        );
        held.end().await;
        lines
    }

    /// Starts it with these variables besides, invokes it and kills it at this moment; where it
    /// answers before, with its answer. What it logged until then, each a JSON object.
    pub async fn run_until(
        &self,
        endpoints: &[(&str, &str)],
        moment: impl Future<Output = ()>,
    ) -> (Option<Value>, Vec<Value>) {
        let runtime = Runtime::start(self.deadline()).await;
        let process = self.start(endpoints, &runtime);
        let invoked = runtime.invoke(self.name, self.event.to_string());
        let reached = timeout(PATIENCE, async {
            tokio::select! {
                () = moment => None,
                answer = invoked => Some(answer),
            }
        });
        // What has its answer hears so when this is dropped: after the kill.
        let reached = reached.await;
        let lines = process.kill().await;
        let answer = reached.unwrap_or_else(|_| panic!("nothing was reached: {lines:?}"));
        (answer.map(|answer| answer.body.clone()), lines)
    }

    /// When Lambda ends it, in Unix milliseconds.
    fn deadline(&self) -> u64 {
        let deadline = SystemClock.now() + self.time;
        u64::try_from(deadline.unix() * 1_000).unwrap()
    }

    fn start(&self, endpoints: &[(&str, &str)], runtime: &Runtime) -> Started {
        let mut child = Command::new(self.binary)
            .env_clear()
            .envs(settings(self.data_dir))
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", runtime.address.as_str()),
                ("AWS_REGION", "us-east-1"),
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
                ("AWS_LAMBDA_FUNCTION_NAME", "doomed"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
                ("RUST_LOG", "info"),
            ])
            .envs(endpoints.iter().copied())
            .envs(self.variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let log = Arc::new(Mutex::new(String::new()));
        let stdout = child.stdout.take().unwrap();
        Started {
            drain: tokio::spawn(collect(stdout, Arc::clone(&log))),
            child,
            log,
        }
    }

    /// Those of the run, by the names that its settings have for them.
    pub async fn secrets(&self) -> AwsService {
        let directory = run_file(self.data_dir)["secrets_directory"].clone();
        let files = std::fs::read_dir(directory.as_str().unwrap()).unwrap();
        let secrets = files.map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        });
        AwsService::secrets(secrets.collect()).await
    }
}

struct Started {
    child: Child,
    log: Arc<Mutex<String>>,
    drain: JoinHandle<()>,
}

impl Started {
    async fn kill(mut self) -> Vec<Value> {
        self.child.kill().await.unwrap();
        self.drain.await.unwrap();
        let log = self.log.lock().unwrap();
        let lines = log.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }
}

fn run_file(data_dir: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(data_dir.join("run.json")).unwrap()).unwrap()
}

fn settings(data_dir: &Path) -> BTreeMap<String, String> {
    serde_json::from_value(run_file(data_dir)["settings"].clone()).unwrap()
}

/// Entra ID's answers at the endpoint of a death, held back; where the death is elsewhere,
/// nothing is.
struct Held<'a> {
    broker: &'a Broker,
    endpoint: Option<&'static str>,
    faults: Vec<String>,
    before: u64,
}

impl<'a> Held<'a> {
    async fn begin(broker: &'a Broker, death: Death) -> Self {
        let mut held = Self {
            broker,
            endpoint: None,
            faults: Vec::new(),
            before: 0,
        };
        if let Death::AtEntra(endpoint, moment) = death {
            held.endpoint = Some(endpoint);
            held.before = held.asked().await;
            let late = broker.fault_at(endpoint, "latency", json!(TOO_LATE));
            held.faults.push(late.await);
            // A fault that replaces the answer: what was asked is not done.
            if moment == Moment::Before {
                let refused = broker.fault_at(endpoint, "status", json!(503));
                held.faults.push(refused.await);
            }
        }
        held
    }

    /// Requests to the endpoint so far.
    async fn asked(&self) -> u64 {
        let stats = self.broker.stats().await;
        let counted = |name: &str| stats[name].as_u64().unwrap();
        match self.endpoint {
            None => 0,
            Some("token") => counted("app_only_requests") + counted("code_redemptions"),
            Some(endpoint) => counted(endpoint),
        }
    }

    /// Asks the authority until it has had one more request.
    async fn has_asked(&self) {
        while self.asked().await == self.before {}
    }

    async fn end(self) {
        for fault in self.faults {
            self.broker.end_fault(&fault).await;
        }
    }
}
