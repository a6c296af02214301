//! Events as others receive them: by a webhook that npm `standardwebhooks` checks, by a rule of an
//! emulated EventBridge, against the schema as PyPI `jsonschema` reads it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails here"
)]

mod bus;
mod killed;
mod receiver;
mod schema;
mod webhook;
