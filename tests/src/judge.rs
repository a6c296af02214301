//! A judge as a process: reads one JSON line, answers in JSON lines, and ends when its
//! input is closed or when it is dropped.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use aws::environment;
use serde_json::Value;
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// A loaded machine is slow; a judge that says nothing after this never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running judge.
pub struct Judge {
    /// Ended with it.
    child: Child,
    /// What it says besides, for the message of a test that fails.
    log: NamedTempFile,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

/// What `tests/run` has put into this variable.
pub fn installed(variable: &str) -> String {
    environment(variable).unwrap_or_else(|| {
        panic!("{variable} is not set: run tests/run, which installs the judges")
    })
}

/// A script of `tests/judges`.
fn script(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "judges", name]
        .iter()
        .collect()
}

impl Judge {
    /// Starts `tests/judges/{script_name}` by `program`. It gets nothing of this
    /// process's environment but these variables: no proxy, no bundle of certificates
    /// and no option of somebody's shell decides what it does.
    pub async fn start(program: &str, script_name: &str, more: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program);
        command.arg(script(script_name)).env_clear();
        command.envs(more.iter().copied());
        Self::run(command)
    }

    /// Starts a command that reads and answers in the same way.
    pub fn run(mut command: Command) -> Self {
        let log = NamedTempFile::new().unwrap();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.reopen().unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{command:?}: {error}: run tests/run, which installs it")
            });
        Self {
            input: child.stdin.take().unwrap(),
            lines: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
            log,
        }
    }

    /// The ID of its process.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it still runs")
    }

    /// Hands it a line.
    pub async fn tell(&mut self, line: &Value) {
        let line = format!("{line}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
    }

    /// The next line that it says.
    pub async fn hear(&mut self) -> Value {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.expect("an answer in time").unwrap();
        let line = line.unwrap_or_else(|| {
            let log = std::fs::read_to_string(self.log.path()).unwrap_or_default();
            panic!("the judge has ended: {log}")
        });
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"))
    }
}
