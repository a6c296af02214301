//! The policies of a function: what is read, for how long it is believed, and what a
//! candidate beside it can and cannot do.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod ages;
mod candidates;
mod claims;
mod logged;
mod reading;
mod stage;
#[path = "../policies/world.rs"]
mod world;
