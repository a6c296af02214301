//! The vending endpoint of a whole run while something changes under it: an operator takes
//! something back, Entra ID goes and comes again. What it refuses stands in
//! `vending_refusals`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

mod batch;
mod issuers;
mod outage;
mod refused_by_the_api;
mod taken_back;
