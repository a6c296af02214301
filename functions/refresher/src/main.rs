//! The refresher function on AWS Lambda.

use std::process::ExitCode;

use lambda::serve::{self, Error};
use refresher::Refresher;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    serve::events::<Refresher>().await
}
