//! Bad days of a fleet, under a moved clock: Entra ID fails in part, throttles, hangs, breaks off
//! its answers, gives tokens of an odd life; the table throttles; the holder of a lease dies;
//! our key is removed; one cloud is down; and customers change their minds. Each lasts as long
//! as callers are promised not to notice, so none of them does. Each change of state is one event,
//! although the operator's receiver is down for an hour of each day.
//!
//! Short here; with the feature `whole-week`, ten thousand tenants and seven days
//! (`cargo test --release -p tests --features whole-week --test bad_days`).

mod days;
mod judge;
mod plan;
mod receiver;
mod stage;

use days::Days;

#[tokio::test(flavor = "multi_thread")]
async fn bad_days_cost_no_caller_a_token() {
    let directory = tests::clock::directory();
    let days = Days::begin(directory.path()).await.live().await;
    days.judge();
}
