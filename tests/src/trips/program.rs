//! A function's program behind Lambda's runtime API, with a desk of its own.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::desk::Desk;
use super::stage::Stage;
use crate::lambda_runtime::Runtime;

/// A loaded machine is slow; a program that does not answer after this never will.
const PATIENCE: Duration = Duration::from_secs(60);
/// Invocations have all the time in the world, in Unix milliseconds.
const NEVER: u64 = 99_999_999_999_999;
/// One file instead of a directory of them, as the template sets it for Lambda.
const CA_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A program that was started; dropping it ends it.
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) runtime: Arc<Runtime>,
    pub(super) desk: Desk,
    child: Child,
}

impl Program {
    /// `name`: `consent`, `vending`, or `on-demand`, which is the refresher's.
    pub(super) async fn start(name: &'static str, stage: &Stage<'_>) -> Self {
        let runtime = Arc::new(Runtime::start(NEVER).await);
        let desk = Desk::open(&stage.behind).await;
        let mut command = Command::new((stage.walk.program)(match name {
            "on-demand" => "refresher",
            name => name,
        }));
        command
            .env_clear()
            .envs(&stage.variables)
            .env("AWS_ENDPOINT_URL", &desk.url)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_LAMBDA_RUNTIME_API", &runtime.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("SSL_CERT_FILE", CA_BUNDLE)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        match name {
            "on-demand" => command.env("ON_DEMAND", "true"),
            asker => command.env("ON_DEMAND_FUNCTION", format!("on-demand:{asker}")),
        };
        let child = command.spawn().expect("the program starts");
        Self {
            name,
            runtime,
            desk,
            child,
        }
    }

    /// The answer to an event.
    pub(super) async fn answer(&self, event: &Value) -> Value {
        let answer = timeout(PATIENCE, self.runtime.invoke(self.name, event.to_string())).await;
        let name = self.name;
        answer
            .unwrap_or_else(|_| panic!("{name} does not answer"))
            .body
    }

    /// CPU time since exec.
    pub(super) fn time(&self, stage: &Stage<'_>) -> Duration {
        (stage.walk.time_of)(self.child.id().expect("it still runs"))
    }
}
