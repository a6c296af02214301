//! The audit log under clocks that jump, outages and servers that lie.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails here"
)]

mod bad_answers;
mod clocks;
mod collecting;
mod counted;
mod covered;
mod days;
mod durable;
mod dying;
mod expired;
mod fakes;
mod handed;
mod odd_answers;
mod operating;
mod pacing;
mod purging;
mod running;
mod running_badly;
mod starving;
mod totals;
mod waiting;
mod watching;
mod webhooks;
mod woken;
mod woken_in_vain;
