//! The rotator on AWS Lambda.

use std::process::ExitCode;

use lambda::serve::{self, Error};
use rotator::Rotator;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    serve::events::<Rotator>().await
}
