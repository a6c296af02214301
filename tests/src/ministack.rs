//! AWS without an account: ministack as a process of its own, ended by the id that
//! was started. It plays DynamoDB, Secrets Manager, SQS and Lambda; a function that is put
//! into its Lambda is the real binary behind the real runtime API.
//!
//! It takes no part in what the tests judge beyond that: no capacity of transactions,
//! no IAM.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws::environment;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{interval, timeout};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A loaded machine is slow; who does not answer after this never will.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a start is asked whether it is ready.
const TICK: Duration = Duration::from_millis(50);
/// Another process can take the free port before ministack does.
const ATTEMPTS: u32 = 3;
/// The runtime of template.yaml.
const RUNTIME: &str = "provided.al2023";

/// A running ministack; dropping it ends it.
pub struct Ministack {
    /// Where all its services are.
    pub endpoint: String,
    /// The port of the endpoint.
    pub port: u16,
    client: Client,
    child: Child,
    /// Its files and its log; outlives the process.
    directory: TempDir,
}

/// What is put into Lambda.
#[derive(Debug)]
pub struct Function<'a> {
    /// Its name there.
    pub name: &'a str,
    /// The file that becomes its `bootstrap`.
    pub binary: &'a Path,
    /// How long one invocation may take, in seconds.
    pub timeout: u32,
    /// Its environment.
    pub variables: &'a BTreeMap<String, String>,
}

/// What Lambda answers to an invocation.
#[derive(Debug)]
pub struct Invocation {
    /// The function ended with an error.
    pub failed: bool,
    /// The function's answer, or `errorMessage` and `errorType`.
    pub answer: Value,
}

impl Ministack {
    /// Starts the binary that the variable `MINISTACK` names, on a free port.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with variables that say how it works.
    pub async fn start_with(variables: &[(&str, &str)]) -> Self {
        let binary = environment("MINISTACK")
            .expect("MINISTACK names no binary: run tests/run, which installs it");
        let mut log = String::new();
        for _ in 0..ATTEMPTS {
            let mut started = Self::spawn(&binary, variables);
            let ready = timeout(PATIENCE, started.is_ready()).await;
            log = started.log();
            match ready {
                Ok(true) => return started,
                Ok(false) => {}
                Err(_) => panic!("ministack does not answer: {log}"),
            }
        }
        panic!("ministack does not start: {log}");
    }

    fn spawn(binary: &str, variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = free_port();
        let log = File::create(directory.path().join("log")).unwrap();
        let child = Command::new(binary)
            // Its functions inherit what it has: nothing of this machine's.
            .env_clear()
            .env("PATH", environment("PATH").unwrap_or_default())
            .env("HOME", directory.path())
            .env("TMPDIR", directory.path())
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            // Listeners on fixed ports: two of us could not run at once.
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{binary}: {error}: run tests/run, which installs it"));
        Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            port,
            client: Client::builder().no_proxy().build().unwrap(),
            child,
            directory,
        }
    }

    /// Waits until it answers; `false` when it has ended.
    async fn is_ready(&mut self) -> bool {
        let mut ticks = interval(TICK);
        loop {
            ticks.tick().await;
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            let health = format!("{}/_ministack/health", self.endpoint);
            let answer = self.client.get(health).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return true;
            }
        }
    }

    /// What it has said, for the message of a test that fails.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// A new secret in Secrets Manager.
    pub async fn create_secret(&self, name: &str, text: &str) {
        let secret = json!({"Name": name, "SecretString": text});
        self.secrets_manager("CreateSecret", secret).await;
    }

    /// A new secret without a value, as template.yaml makes them.
    pub async fn create_empty_secret(&self, name: &str) {
        self.secrets_manager("CreateSecret", json!({"Name": name}))
            .await;
    }

    /// A new current version of a secret; the one before becomes AWSPREVIOUS.
    pub async fn put_secret(&self, name: &str, text: &str) {
        let version = json!({"SecretId": name, "SecretString": text});
        self.secrets_manager("PutSecretValue", version).await;
    }

    /// A new standard queue in SQS; its URL.
    pub async fn create_queue(&self, name: &str) -> String {
        let made = self.sqs("CreateQueue", json!({"QueueName": name})).await;
        made["QueueUrl"].as_str().unwrap().to_owned()
    }

    /// Receives what waits in a queue, with its attributes, until nothing waits.
    pub async fn receive(&self, queue_url: &str) -> Vec<Value> {
        let ask = json!({
            "QueueUrl": queue_url, "MaxNumberOfMessages": 10, "AttributeNames": ["All"],
        });
        let mut received = Vec::new();
        loop {
            let answer = self.sqs("ReceiveMessage", ask.clone()).await;
            match answer["Messages"].as_array() {
                Some(messages) if !messages.is_empty() => received.extend(messages.clone()),
                _ => return received,
            }
        }
    }

    async fn sqs(&self, action: &str, body: Value) -> Value {
        let request = self
            .client
            .post(&self.endpoint)
            .header("x-amz-target", format!("AmazonSQS.{action}"))
            .header("content-type", "application/x-amz-json-1.0")
            .body(body.to_string());
        let answer = accepted(request.send().await.unwrap()).await;
        answer.json().await.unwrap()
    }

    /// An action of Secrets Manager.
    pub async fn secrets_manager(&self, action: &str, body: Value) -> Value {
        let request = self
            .client
            .post(&self.endpoint)
            .header("x-amz-target", format!("secretsmanager.{action}"))
            .header("content-type", "application/x-amz-json-1.1")
            .body(body.to_string());
        let answer = accepted(request.send().await.unwrap()).await;
        answer.json().await.unwrap()
    }

    /// A new function in Lambda.
    pub async fn create_function(&self, function: &Function<'_>) {
        let function = json!({
            "FunctionName": function.name,
            "Runtime": RUNTIME,
            "Handler": "bootstrap",
            "Role": "arn:aws:iam::000000000000:role/function",
            "Code": {"ZipFile": STANDARD.encode(zipped(function.binary))},
            "Timeout": function.timeout,
            "Environment": {"Variables": function.variables},
        });
        let url = format!("{}/2015-03-31/functions", self.endpoint);
        let request = self.client.post(url).json(&function);
        accepted(request.send().await.unwrap()).await;
    }

    /// An alias on `$LATEST`.
    pub async fn create_alias(&self, function: &str, alias: &str) {
        let url = format!("{}/2015-03-31/functions/{function}/aliases", self.endpoint);
        let alias = json!({"Name": alias, "FunctionVersion": "$LATEST"});
        let request = self.client.post(url).json(&alias);
        accepted(request.send().await.unwrap()).await;
    }

    /// Gives a function another environment; it starts anew.
    pub async fn set_variables(&self, function: &str, variables: &BTreeMap<String, String>) {
        let url = format!(
            "{}/2015-03-31/functions/{function}/configuration",
            self.endpoint
        );
        let configuration = json!({"Environment": {"Variables": variables}});
        let request = self.client.put(url).json(&configuration);
        accepted(request.send().await.unwrap()).await;
    }

    /// Hands a function one event and waits for its answer.
    pub async fn invoke(&self, name: &str, event: &Value) -> Invocation {
        let url = format!("{}/2015-03-31/functions/{name}/invocations", self.endpoint);
        let request = self.client.post(url).json(event);
        let response = accepted(request.send().await.unwrap()).await;
        Invocation {
            failed: response.headers().contains_key("x-amz-function-error"),
            answer: response.json().await.unwrap(),
        }
    }
}

impl Drop for Ministack {
    /// Its functions lose the runtime API with it, and end too.
    fn drop(&mut self) {
        // It has ended by itself, or it ends now; there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Stored, not compressed: nothing here waits for an upload.
fn zipped(binary: &Path) -> Vec<u8> {
    let content = std::fs::read(binary).unwrap();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .unix_permissions(0o755);
    archive.start_file("bootstrap", options).unwrap();
    archive.write_all(&content).unwrap();
    archive.finish().unwrap().into_inner()
}

async fn accepted(response: Response) -> Response {
    let status = response.status();
    if !status.is_success() {
        panic!(
            "{} {status}: {}",
            response.url().path().to_owned(),
            response.text().await.unwrap()
        );
    }
    response
}
