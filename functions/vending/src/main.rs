//! The vending function on AWS Lambda: settings, the build, the runtime's loop.

use std::process::ExitCode;
use std::sync::Arc;

use auth::ports::Clock as _;
use aws::{SystemClock, environment};
use entra::TrustRoots;
use lambda::telemetry::{self, LogFormat};
use lambda::{event, metrics};
use lambda_http::{Error, Request};
use vending::StartingVending;
use wiring::Platform;
use wiring::settings::VendingSettings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    telemetry::init(LogFormat::Json, environment("RUST_LOG").as_deref());
    let vending = match start().await {
        Ok(vending) => vending,
        Err(error) => return Ok(telemetry::not_started("vending", &error)),
    };
    event::serve(|request: Request| vending.handle(request))
        .await
        .map(|()| ExitCode::SUCCESS)
}

async fn start() -> anyhow::Result<StartingVending> {
    let began = SystemClock.since_start();
    let meter = metrics::meter("vending", &environment, Arc::new(SystemClock));
    let settings = VendingSettings::read(&environment)?;
    let roots = TrustRoots::load(settings.tokens.entra.extra_ca_file.as_deref())?;
    let platform = Platform::on_aws(&settings.tokens.entra.table_name, roots.http_client()?).await;
    let platform = platform.metered(meter);
    let vending = StartingVending::start(settings, platform.clone(), roots).await?;
    platform.ready(began);
    Ok(vending)
}
