//! The vending function as `functions/vending/src/main.rs` wires it, but for who is
//! permitted: until policies exist, the deployed one permits nobody and hands out no
//! token that a start could be measured by. Never deployed.

#[path = "../permit.rs"]
mod permit;

use std::sync::Arc;

use aws::{Platform, environment};
use lambda::settings::VendingSettings;
use lambda::telemetry::{self, LogFormat};
use lambda_http::{Error, Request, run, service_fn};
use vending::Vending;

use permit::PermitProven;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(LogFormat::Json, environment("RUST_LOG").as_deref());
    let vending = match start().await {
        Ok(vending) => Arc::new(vending),
        Err(error) => return Err(telemetry::start_failed("vending", &error)),
    };
    run(service_fn(move |request: Request| {
        let vending = Arc::clone(&vending);
        async move { Ok::<_, Error>(vending.handle(request).await) }
    }))
    .await
}

async fn start() -> anyhow::Result<Vending> {
    let settings = VendingSettings::read(&environment)?;
    let platform = Platform::on_aws(&settings.tokens.entra.table_name).await;
    let vending = Vending::build(settings, &platform).await?;
    Ok(Vending {
        authorizer: Arc::new(PermitProven),
        ..vending
    })
}
