//! Bad days of a fleet, under a moved clock: Entra ID fails in part, throttles, hangs, breaks off
//! its answers, gives tokens of an odd life; the table throttles; the holder of a lease dies;
//! our key is removed; one cloud is down; and customers change their minds. Each lasts as long
//! as callers are promised not to notice, so none of them does.
//!
//! Short here; with the feature `whole-week`, ten thousand tenants and seven days
//! (`cargo test --release -p tests --features whole-week --test bad_days`).

mod days;
mod judge;
mod plan;
mod stage;

use days::Days;

#[tokio::test(flavor = "multi_thread")]
async fn bad_days_cost_no_caller_a_token() {
    let directory = tempfile::tempdir().unwrap();
    let days = Days::begin(directory.path()).await.live().await;
    days.judge();
}
