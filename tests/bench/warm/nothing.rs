//! A function that does nothing: the runtime and the conversion of events as `vending` uses them, and a constant
//! answer, which is empty unless `BENCH_ANSWER_BYTES` says otherwise. What is left is the price
//! of being asked and of answering.

use aws::environment;
use lambda::event;
use lambda_http::{Body, Error, Request, Response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let bytes = environment("BENCH_ANSWER_BYTES").map_or(Ok(0), |number| number.parse())?;
    let answer = "t".repeat(bytes);
    event::serve(|_: Request| {
        let answer = answer.clone();
        async move { Response::new(Body::Text(answer)) }
    })
    .await
}
