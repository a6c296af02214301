//! The consent function on AWS Lambda: settings, the build, the runtime's loop.

use std::process::ExitCode;
use std::sync::Arc;

use auth::ports::Clock as _;
use aws::{SystemClock, environment};
use consent::StartingConsent;
use entra::TrustRoots;
use lambda::telemetry::{self, LogFormat};
use lambda::{event, metrics};
use lambda_http::{Error, Request};
use wiring::Platform;
use wiring::settings::ConsentFunctionSettings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    telemetry::init(LogFormat::Json, environment("RUST_LOG").as_deref());
    let consent = match start().await {
        Ok(consent) => consent,
        Err(error) => return Ok(telemetry::not_started("consent", &error)),
    };
    event::serve(|request: Request| consent.handle(request))
        .await
        .map(|()| ExitCode::SUCCESS)
}

async fn start() -> anyhow::Result<StartingConsent> {
    let began = SystemClock.since_start();
    let meter = metrics::meter("consent", &environment, Arc::new(SystemClock));
    let settings = ConsentFunctionSettings::read(&environment)?;
    let roots = TrustRoots::load(settings.entra.extra_ca_file.as_deref())?;
    let platform = Platform::on_aws(&settings.entra.table_name, roots.http_client()?).await;
    let platform = platform.metered(meter);
    let consent = StartingConsent::start(settings, platform.clone(), roots).await?;
    platform.ready(began);
    Ok(consent)
}
