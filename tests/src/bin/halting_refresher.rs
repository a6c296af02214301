//! A refresher of another process that stops for good at a step of its run, says so on
//! standard output, and waits to be killed.
//!
//! Arguments: the data directory of a run, the time (Unix seconds), the step.

use std::path::Path;
use std::sync::Arc;

use auth::ports::{Clock as _, HeldClock};
use tests::halting::{Halt, Step, halting};
use tests::neighbour::Neighbour;

/// What Lambda gives the refresher for a run (template.yaml).
const RUN_TIME: std::time::Duration = std::time::Duration::from_secs(240);

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, directory, now, step] = &arguments[..] else {
        panic!("data directory, time and step are expected");
    };
    let clock = Arc::new(HeldClock::at(now.parse().unwrap()));
    let step = Step::named(step).expect("a step of a refresh run");
    let neighbour = Neighbour::of(Path::new(directory), clock.clone()).await;
    let refresh = neighbour.refresher().await.refresh;
    let refresh = halting(refresh, Arc::new(Halt::at(step)));
    refresh.run(clock.now() + RUN_TIME).await;
    panic!("the run ended without coming to its step");
}
