//! A function's whole `main` on AWS Lambda: the log, the settings, the build, the runtime's
//! loop. What keeps it from starting is one line of the log, and its exit code.

use std::process::ExitCode;
use std::sync::Arc;

use auth::ports::Clock;
use aws::{SystemClock, environment};
use lambda_runtime::{LambdaEvent, run, service_fn};
use serde_json::Value;
use wiring::Basis;
use wiring::settings::FunctionSettings;

pub use lambda_runtime::Error;

use crate::function::{AnswersEvents, AnswersRequests, Function};
use crate::starting::Starting;
use crate::telemetry::{self, LogFormat};
use crate::{event, metrics};

/// Answers a gateway's requests until Lambda ends the process.
///
/// # Errors
///
/// The runtime's API does not answer.
pub async fn requests<F>() -> Result<ExitCode, Error>
where
    F: AnswersRequests<Settings: FunctionSettings>,
{
    let function = match start::<F>().await {
        Ok(function) => function,
        Err(error) => return Ok(telemetry::not_started(F::NAME, &error)),
    };
    let served = event::serve(|request| function.handle(request)).await;
    served.map(|()| ExitCode::SUCCESS)
}

/// Whether this deployment of a program is asked on demand (`ON_DEMAND`). Any other word than
/// `true` is for the settings of the function that is not.
pub fn is_on_demand() -> bool {
    environment("ON_DEMAND").as_deref() == Some("true")
}

/// Answers events until Lambda ends the process.
///
/// # Errors
///
/// The runtime's API does not answer.
pub async fn events<F>() -> Result<ExitCode, Error>
where
    F: AnswersEvents<Settings: FunctionSettings>,
{
    let function = match start::<F>().await {
        Ok(function) => function,
        Err(error) => return Ok(telemetry::not_started(F::NAME, &error)),
    };
    let function = &function;
    let served = run(service_fn(move |event: LambdaEvent<Value>| async move {
        let report = function.run(&event).await;
        match F::failed(&report) {
            None => Ok(report),
            Some(reason) => Err(Error::from(reason)),
        }
    }));
    served.await.map(|()| ExitCode::SUCCESS)
}

async fn start<F>() -> anyhow::Result<Starting<F>>
where
    F: Function<Settings: FunctionSettings>,
{
    telemetry::init(LogFormat::Json, environment("RUST_LOG").as_deref());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let began = clock.since_start();
    let mut basis = Basis::on_aws(&environment).await?;
    basis.platform.meter = metrics::meter(F::NAME, &environment, clock);
    let platform = basis.platform.clone();
    let starting = Starting::begin(basis).await?;
    platform.ready(began);
    Ok(starting)
}
