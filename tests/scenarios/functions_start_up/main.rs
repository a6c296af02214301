//! What each function does when a secret or the table is not as it should be, at its start
//! and later: it starts, tells it in one line, serves what it can, and recovers in the same
//! process. The table that comes out stands in infra/guides/start-up.md, which is held to it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

mod ahead;
mod collector;
mod consent;
mod function;
mod guide;
mod on_demand;
mod parameter;
mod recovery;
mod refresher;
mod stage;
mod trouble;
mod vending;
mod waiting;
mod webhook;
