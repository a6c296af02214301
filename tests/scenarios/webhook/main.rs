//! The webhook: who is let in at the front of a run, and that a notification is a message of the
//! queue and nothing else.
#![allow(clippy::unwrap_used, reason = "test code: a panic is how it fails")]

mod attacks;
mod contract;
mod front;
mod killed;
#[cfg(feature = "real-parts")]
mod on_ministack;
mod stage;
