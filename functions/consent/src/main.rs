//! The consent function on AWS Lambda: settings, wiring, the runtime's loop.

use std::sync::Arc;

use aws::{Platform, environment};
use consent::ConsentFunction;
use lambda::settings::ConsentFunctionSettings;
use lambda::telemetry::{self, LogFormat};
use lambda_http::{Error, Request, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(LogFormat::Json, environment("RUST_LOG").as_deref());
    let consent = match start().await {
        Ok(consent) => Arc::new(consent),
        Err(error) => return Err(telemetry::start_failed("consent", &error)),
    };
    run(service_fn(move |request: Request| {
        let consent = Arc::clone(&consent);
        async move { Ok::<_, Error>(consent.handle(request).await) }
    }))
    .await
}

async fn start() -> anyhow::Result<ConsentFunction> {
    let settings = ConsentFunctionSettings::read(&environment)?;
    let platform = Platform::on_aws(&settings.entra.table_name).await;
    ConsentFunction::build(settings, &platform).await
}
