//! The use cases under ports that are held in memory: a clock that is moved, a table of one
//! tenant, an authority that gives or refuses (`fakes`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails here"
)]

mod change;
mod confirm;
mod decided;
mod deliver;
mod dropped;
mod early;
mod fakes;
mod fleet;
mod in_a_batch;
mod judged;
mod key_proof;
mod miss;
mod on_demand;
mod raced;
mod refused_before;
mod ring;
mod role_proof;
mod rotation;
mod suspected;
mod takes_nothing;
mod turns;
mod vend;
mod watch;
