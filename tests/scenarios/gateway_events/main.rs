//! Hostile events of the gateways at consent and vending, as their mains read them: each is
//! answered, with the request's id, and none ends the process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

mod any;
mod table;
