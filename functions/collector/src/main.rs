//! The collector on AWS Lambda.

use std::process::ExitCode;

use collector::Collector;
use lambda::serve::{self, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    serve::events::<Collector>().await
}
