//! What every function has in common: its start, telemetry, the parts of a request that are
//! read the same way everywhere, and answers with the headers that every answer has. No use
//! case: those are put together in `wiring`.

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
