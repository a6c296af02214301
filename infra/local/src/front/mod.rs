//! The HTTP front of the one-machine run: it plays the gateways that stand before
//! Lambda functions, with functions that live in this process and events of payload
//! format 2.0. It owns what a caller sees of a gateway: Host, caps, forwarding
//! headers, time-out, and the answers that the gateway gives by itself. It knows
//! nothing of what the functions do, and it is not meant to face a network.
//!
//! [`Front`] is API Gateway's HTTP API (stage `$default`; authorizers, throttling,
//! CORS and stages are not played), [`FunctionUrl`] a function URL. Where AWS documents nothing, the choice is marked
//! "Assumption" at its place.

mod event;
mod function;
mod function_url;
mod host;
mod http_api;
mod limits;
mod listening;
mod response;
mod surroundings;

#[cfg(test)]
mod tests;

pub use function::{FunctionError, HttpFunction, lambda_function};
pub use function_url::{AccessKey, AssumedRole, FunctionUrl};
pub use http_api::{Front, LocalHandler, Routes};
pub use surroundings::{INTEGRATION_TIMEOUT, RequestIds, Surroundings, UnixMillis};

/// What clients speak with the listener; it becomes `X-Forwarded-Proto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS, which the listener has already taken off.
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}
