//! A function as it is deployed: a release binary behind an emulated runtime API, with its
//! table and its secrets in ministack, and a caller's issuer over HTTP.

pub(crate) mod account;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use aws::ControlTable;
use serde_json::Value;
use tests::lambda_runtime::{Answer, Runtime};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::child::beside;
use crate::cpu::{memory_of, time_of};

/// Who does not answer within this time has failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// Invocations have all the time in the world, in Unix milliseconds.
const NEVER: u64 = 99_999_999_999_999;

/// A function that was started; it has not answered anything yet.
pub(crate) struct Function {
    binary: &'static str,
    runtime: Runtime,
    child: Child,
}

impl Function {
    /// Starts the release binary with these variables and no other.
    pub(crate) async fn start(
        binary: &'static str,
        variables: &BTreeMap<String, String>,
        table: &str,
    ) -> Self {
        let runtime = Runtime::start(NEVER).await;
        let child = Command::new(beside(binary))
            .env_clear()
            .envs(variables)
            .env("TABLE_NAME", table)
            .env("CONTROL_TABLE_NAME", ControlTable::name_beside(table))
            .env("AWS_LAMBDA_RUNTIME_API", &runtime.address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        Self {
            binary,
            runtime,
            child,
        }
    }

    /// Its answer to the event, which is 200. It asks for the next one when the answer is
    /// dropped.
    pub(crate) async fn answer(&self, event: &Value) -> Answer {
        let binary = self.binary;
        let answer = timeout(PATIENCE, self.runtime.invoke("function", event.to_string())).await;
        let answer = answer.unwrap_or_else(|_| panic!("{binary} does not answer"));
        assert_eq!(answer.body["statusCode"], 200, "{binary}: {}", answer.body);
        answer
    }

    /// CPU time since exec.
    pub(crate) fn time(&self) -> Duration {
        time_of(self.id())
    }

    /// Resident memory, in MiB.
    pub(crate) fn memory(&self) -> f64 {
        memory_of(self.id(), "VmRSS") as f64 / 1024.0
    }

    pub(crate) async fn end(mut self) {
        self.child.kill().await.unwrap();
    }

    fn id(&self) -> u32 {
        self.child.id().expect("it still runs")
    }
}
