//! The refresher on AWS Lambda. The program is deployed as two functions: one for the
//! schedule, and with `ON_DEMAND=true` one that is asked by consent and vending.

use std::process::ExitCode;

use lambda::serve::{self, Error};
use refresher::{Refresher, RefresherOnDemand};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    if serve::is_on_demand() {
        serve::events::<RefresherOnDemand>().await
    } else {
        serve::events::<Refresher>().await
    }
}
