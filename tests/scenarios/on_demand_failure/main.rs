//! The function that signs on demand is throttled, slow or dead: what each route of consent and
//! of vending answers, after how long, and what the log says. The requests go through the real
//! adapter to a Lambda that fails; the time of the runtime stands, and jumps to what is waited
//! for. The tables stand in infra/runbooks/on-demand-failure.md, which is held to them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

mod consent;
mod stage;
mod table;
mod trouble;
mod vending;
