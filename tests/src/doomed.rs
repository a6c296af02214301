//! A function's program in a process of its own, as Lambda starts it, on the table and the
//! authority of a run; killed (SIGKILL) at a moment that is known from outside: its gate, the
//! authority or Lambda's runtime API has its request. The program itself knows nothing of it.

use std::collections::BTreeMap;
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
use crate::gate::{Gate, Stop};
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
    /// Entra ID has its first app-only request and has not answered.
    AtEntra,
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
    /// What it is invoked with.
    pub event: Value,
    /// How long Lambda leaves it for that, by the system's clock.
    pub time: Duration,
}

impl Doomed<'_> {
    /// Starts it, invokes it and kills it. What it logged until then, each a JSON object.
    pub async fn die(&self, broker: &Broker, death: Death) -> Vec<Value> {
        let stop = match death {
            Death::AtTable(stop) => Some(stop),
            Death::AtEntra | Death::Answered => None,
        };
        let gate = Gate::open(&broker.ready.table_endpoint, stop).await;
        let deadline = SystemClock.now() + self.time;
        let deadline = u64::try_from(deadline.unix() * 1_000).unwrap();
        let runtime = Runtime::start(deadline).await;
        let fault = match death {
            Death::AtEntra => Some(broker.fault("latency", None, json!(TOO_LATE)).await),
            Death::AtTable(_) | Death::Answered => None,
        };
        let before = asked(broker).await;
        let secrets = self.secrets().await;
        let process = self.start(&gate, &secrets, &runtime);
        let invoked = runtime.invoke(self.event.to_string());
        let moment = async {
            tokio::pin!(invoked);
            match death {
                Death::AtTable(_) => tokio::select! {
                    () = gate.stopped() => None,
                    answer = &mut invoked => panic!("it has answered: {}", answer.body),
                },
                Death::AtEntra => tokio::select! {
                    () = has_asked(broker, before) => None,
                    answer = &mut invoked => panic!("it has answered: {}", answer.body),
                },
                Death::Answered => Some(invoked.await),
            }
        };
        let moment = timeout(PATIENCE, moment).await;
        let lines = process.kill().await;
        moment.unwrap_or_else(|_| panic!("{death:?} was not reached: {lines:?}"));
        if let Some(fault) = fault {
            broker.end_fault(&fault).await;
        }
        lines
    }

    fn start(&self, gate: &Gate, secrets: &AwsService, runtime: &Runtime) -> Started {
        let mut child = Command::new(self.binary)
            .env_clear()
            .envs(settings(self.data_dir))
            .envs([
                ("AWS_ENDPOINT_URL_DYNAMODB", gate.url.as_str()),
                ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.url.as_str()),
                ("AWS_LAMBDA_RUNTIME_API", runtime.address.as_str()),
                ("AWS_REGION", "us-east-1"),
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
                ("AWS_LAMBDA_FUNCTION_NAME", "doomed"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
                ("RUST_LOG", "info"),
            ])
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
    async fn secrets(&self) -> AwsService {
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

async fn asked(broker: &Broker) -> u64 {
    broker.stats().await["app_only_requests"].as_u64().unwrap()
}

/// Asks the authority until it has had one more request.
async fn has_asked(broker: &Broker, before: u64) {
    while asked(broker).await == before {}
}
