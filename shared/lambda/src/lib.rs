//! What every function's `main` needs: settings, telemetry, the parts of a request
//! that are read the same way everywhere, and answers with the headers that every
//! answer has. No AWS SDK and no use case: those are wired in `main`.

pub mod answer;
pub mod event;
pub mod fields;
pub mod media_type;
pub mod metrics;
pub mod pages;
pub mod request;
pub mod starting;
pub mod telemetry;
pub mod transport_security;
#[cfg(test)]
mod written;
