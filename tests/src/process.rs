//! A one-machine run as a process of its own, ended by the id that was started.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A loaded machine is slow; a run that is not ready after this never will be.
const PATIENCE: Duration = Duration::from_secs(60);

/// The ready line.
#[derive(Debug, Clone, Deserialize)]
pub struct ReadyLine {
    /// The admin's link.
    pub consent_url: String,
    /// The vending endpoint.
    pub vending_url: String,
    /// The vending endpoint for callers that sign.
    pub function_url: String,
    /// The simulated STS.
    pub sts_url: String,
    /// The id of the key to sign with.
    pub aws_access_key_id: String,
    /// The region to sign for.
    pub aws_region: String,
    /// Where the key is.
    pub access_key_file: PathBuf,
    /// The simulated authority.
    pub entra_url: String,
    /// The table.
    pub table_endpoint: String,
    /// The table's name.
    pub table_name: String,
    /// Our application.
    pub client_id: String,
    /// The S3 endpoint of the collected audit logs.
    pub objects_url: String,
    /// A caller's token.
    pub caller_token: String,
    /// The CA to trust, over TLS.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The simulated people.
    pub simulated_tenants: Vec<Person>,
}

/// A simulated tenant.
#[derive(Debug, Clone, Deserialize)]
pub struct Person {
    /// Its ID.
    pub tenant_id: String,
    /// An admin.
    pub admin: String,
    /// A plain user.
    pub user: String,
}

/// A running process.
pub struct Process {
    child: Child,
    /// What it said when it was ready.
    pub ready: ReadyLine,
    /// Everything that it logged so far.
    pub log: Arc<Mutex<String>>,
    drain: tokio::task::JoinHandle<()>,
}

/// How to start one.
#[derive(Debug, Clone)]
pub struct Start {
    /// The binary: `env!("CARGO_BIN_EXE_machine")` of the test.
    pub binary: PathBuf,
    /// The data directory.
    pub data_dir: PathBuf,
    /// More options.
    pub options: Vec<String>,
    /// Variables.
    pub variables: Vec<(String, String)>,
}

impl Start {
    /// On free ports, in `data_dir`.
    pub fn new(binary: &str, data_dir: &Path) -> Self {
        Self {
            binary: binary.into(),
            data_dir: data_dir.to_owned(),
            options: Vec::new(),
            variables: Vec::new(),
        }
    }

    /// With one more variable.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With more options.
    pub fn options(mut self, options: &[&str]) -> Self {
        self.options
            .extend(options.iter().map(|option| (*option).to_owned()));
        self
    }

    /// The command; later options override the free ports, and that nothing is collected.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        let has = |name: &str| self.options.iter().any(|option| option == name);
        command
            .arg("--ready-json")
            .arg("--data-dir")
            .arg(&self.data_dir);
        // What a collector asks by itself would be counted in tests of other things.
        let by_default = [
            ("--port", "0"),
            ("--entra-port", "0"),
            ("--collect", "false"),
        ];
        for (option, value) in by_default {
            if !has(option) {
                command.args([option, value]);
            }
        }
        command
            .args(&self.options)
            .env("RUST_LOG", "debug")
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Starts it and waits for the ready line.
    pub async fn run(&self) -> Process {
        let mut child = self.command().spawn().expect("the binary starts");
        let log = Arc::new(Mutex::new(String::new()));
        let stderr = child.stderr.take().unwrap();
        let drain = tokio::spawn(collect(stderr, Arc::clone(&log)));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(PATIENCE, lines.next_line())
            .await
            .expect("ready in time")
            .unwrap();
        let line = line.unwrap_or_else(|| panic!("no ready line: {}", log.lock().unwrap()));
        Process {
            child,
            ready: serde_json::from_str(&line).expect("the ready line is JSON"),
            log,
            drain,
        }
    }

    /// Starts it where it must not start; gives the exit code and what it said.
    pub async fn fails(&self) -> (i32, String) {
        let child = self.command().spawn().expect("the binary starts");
        let output = timeout(PATIENCE, child.wait_with_output())
            .await
            .expect("ends in time")
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().unwrap_or(-1), said)
    }
}

impl Process {
    /// Its process id, while it runs.
    pub fn id(&self) -> u32 {
        self.child.id().expect("still running")
    }

    /// SIGKILL: no chance to tidy up.
    pub async fn kill(mut self) -> String {
        self.child.kill().await.unwrap();
        self.finish().await
    }

    /// SIGINT, as Ctrl-C; gives the exit code.
    pub async fn interrupt(mut self) -> (i32, String) {
        let id = self.id().to_string();
        let sent = Command::new("kill")
            .args(["-INT", &id])
            .status()
            .await
            .unwrap();
        assert!(sent.success());
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .expect("ends in time")
            .unwrap();
        (status.code().unwrap_or(-1), self.finish().await)
    }

    async fn finish(self) -> String {
        self.drain.await.unwrap();
        self.log.lock().unwrap().clone()
    }
}

/// Keeps every line.
pub(crate) async fn collect(stderr: impl AsyncRead + Unpin, log: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut log = log.lock().unwrap();
        log.push_str(&line);
        log.push('\n');
    }
}
