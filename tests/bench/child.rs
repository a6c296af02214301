//! The other processes of a measurement: started, asked for one line when they are
//! ready, and ended by the id that was started.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, sink};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A loaded machine is slow, and ten thousand tenants take their time.
const PATIENCE: Duration = Duration::from_secs(600);

/// A process that has said its line.
pub(crate) struct Running {
    child: Child,
    /// What it said.
    pub(crate) line: String,
}

impl Running {
    /// Starts the command and waits for its first line. What it says afterwards is read
    /// and thrown away, as a log is taken from a function.
    pub(crate) async fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let read = timeout(PATIENCE, stdout.read_line(&mut line)).await;
        read.expect("ready in time").unwrap();
        assert!(!line.is_empty(), "it ended before it was ready");
        tokio::spawn(async move { tokio::io::copy(&mut stdout, &mut sink()).await });
        Self { child, line }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it still runs")
    }

    /// As Ctrl-C, and waits.
    pub(crate) async fn interrupt(mut self) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().await;
        assert!(sent.unwrap().success());
        let ended = timeout(PATIENCE, self.child.wait()).await;
        ended.expect("it ends in time").unwrap();
    }
}

/// This program in another role.
pub(crate) fn role(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(name);
    command
}

/// A binary that stands beside this one.
pub(crate) fn beside(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let binary = own.parent().unwrap().join(name);
    assert!(
        binary.is_file(),
        "{} is missing: tests/bench/run builds it",
        binary.display()
    );
    binary
}

/// Says the line that the other side waits for.
pub(crate) async fn say(line: &str) {
    let mut stdout = tokio::io::stdout();
    stdout.write_all(line.as_bytes()).await.unwrap();
    stdout.write_all(b"\n").await.unwrap();
    stdout.flush().await.unwrap();
}

/// The JSON of a file.
pub(crate) fn json_file(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
