//! The adapters before an AWS that answers what a test says (`wire`), and before files.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod on_demand;
mod outages;
mod queue;
mod ring_rotation;
mod secret_files;
mod secrets_manager;
mod sts;
mod vended_tokens;
mod wire;
