//! The consent function on AWS Lambda.

use std::process::ExitCode;

use consent::ConsentFunction;
use lambda::serve::{self, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    serve::requests::<ConsentFunction>().await
}
