//! Seven simulated days of two hundred tenants (two, unless the feature `whole-week`
//! is on; the plan is the same), in minutes: the builder of the
//! one-machine run with a clock that the test moves, the real store and the simulated
//! Entra ID, which fails as the plan says. An observer vends for every tenant every
//! five minutes and looks each token up in the simulator's own book.

mod changes;
mod observer;
mod plan;
mod stage;
mod week;

use week::Week;

#[tokio::test(flavor = "multi_thread")]
async fn a_week_of_outage_throttling_revocations_and_restarts_is_what_callers_were_promised() {
    let directory = tests::clock::directory();
    let week = Week::begin(directory.path()).await.live().await;
    week.judge();
}
