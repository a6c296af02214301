//! Policies over a world that a test holds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod in_force;
mod policies;
mod world;
