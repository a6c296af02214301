//! The refresher function on AWS Lambda: settings, the build, the runtime's loop.

use std::process::ExitCode;
use std::sync::Arc;

use auth::ports::Clock as _;
use aws::{SystemClock, environment};
use entra::TrustRoots;
use lambda::metrics;
use lambda::telemetry::{self, LogFormat};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use refresher::StartingRefresher;
use serde_json::Value;
use wiring::Platform;
use wiring::settings::RefresherSettings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    telemetry::init(LogFormat::Json, environment("RUST_LOG").as_deref());
    let refresher = match start().await {
        Ok(refresher) => Arc::new(refresher),
        Err(error) => return Ok(telemetry::not_started("refresher", &error)),
    };
    run(service_fn(move |event: LambdaEvent<Value>| {
        let refresher = Arc::clone(&refresher);
        async move { refresher.handle(event).await }
    }))
    .await
    .map(|()| ExitCode::SUCCESS)
}

async fn start() -> anyhow::Result<StartingRefresher> {
    let began = SystemClock.since_start();
    let meter = metrics::meter("refresher", &environment, Arc::new(SystemClock));
    let settings = RefresherSettings::read(&environment)?;
    let roots = TrustRoots::load(settings.tokens.entra.extra_ca_file.as_deref())?;
    let platform = Platform::on_aws(&settings.tokens.entra.table_name, roots.http_client()?).await;
    let platform = platform.metered(meter);
    let refresher = StartingRefresher::start(settings, platform.clone(), roots).await?;
    platform.ready(began);
    Ok(refresher)
}
