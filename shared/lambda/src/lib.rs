//! What all functions have in common between Lambda and their handlers. No use case:
//! those are put together in `wiring`.
//!
//! | what | where |
//! |---|---|
//! | an event as a request, a response as its answer | `event/` |
//! | the parts of a request | `request.rs`; form and query: `fields.rs`; kinds of body: `media_type.rs` |
//! | an answer in JSON, and every error's shape | `answer.rs` |
//! | a page's headers and cookies | `pages.rs`; HSTS on every answer: `transport_security.rs` |
//! | the start, and a function that waits for its secrets | `serve.rs` (the whole of a `main`), `function.rs`, `starting.rs` |
//! | log lines | `telemetry/` |
//! | figures for CloudWatch | `metrics.rs` |

pub mod answer;
pub mod event;
pub mod fields;
pub mod function;
pub mod media_type;
pub mod metrics;
pub mod pages;
pub mod request;
pub mod serve;
pub mod starting;
pub mod telemetry;
pub mod transport_security;
#[cfg(test)]
mod written;
