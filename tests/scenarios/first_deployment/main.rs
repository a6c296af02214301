//! A stack that was just deployed: its secrets are there and empty. What the functions say
//! of that, and that the operator's commands fill them, on a Secrets Manager that keeps its
//! own books.
#![allow(clippy::unwrap_used, reason = "test code: a panic is how it fails")]

mod account;
mod rotation;
mod secrets;
