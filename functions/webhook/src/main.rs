//! The webhook function on AWS Lambda.

use std::process::ExitCode;

use lambda::serve::{self, Error};
use webhook::Webhook;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    serve::requests::<Webhook>().await
}
