//! The vending function on AWS Lambda.

use std::process::ExitCode;

use lambda::serve::{self, Error};
use vending::Vending;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    serve::requests::<Vending>().await
}
