//! The audit line to the letter: what the vending function writes for grants and refusals of
//! every kind, as its log has it, held against snapshots (`snapshots/*.snap`). What differs
//! from run to run is checked against what the caller saw, and then replaced by its name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

mod evidence;
mod grants;
mod lengths;
mod lines;
mod proven;
mod refusals;
mod stage;
mod too_often;
mod wrong_keys;
