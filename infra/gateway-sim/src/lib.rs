//! The gateways that stand in front of Lambda functions, as the one-machine run plays them:
//! [`HttpApi`] is API Gateway's HTTP API (stage `$default`; authorizers, throttling, CORS and
//! stages are not played), [`FunctionUrl`] a function URL. What is behind them is
//! given events of payload format 2.0. [`SecurityTokenService`] is STS, as far as the functions
//! ask it who signed a request.
//!
//! This crate owns what a caller sees of a gateway: Host, caps, forwarding headers, time-out,
//! and the answers that the gateway gives by itself. It knows nothing of what the functions
//! do, and it is not meant to face a network. Where AWS documents nothing, the choice is
//! marked "Assumption" at its place.

mod connection;
mod event;
mod function;
mod function_url;
mod headers;
mod host;
mod http_api;
mod limits;
mod listener;
mod refusal;
mod response;
mod sigv4;
mod sts;
mod surroundings;

pub use connection::{ClientConnection, Scheme};
pub use function::{FunctionError, HttpFunction};
pub use function_url::FunctionUrl;
pub use http_api::{HttpApi, LocalHandler, Routes};
pub use limits::LAMBDA_PAYLOAD;
pub use listener::{Gateway, serve};
pub use sigv4::{AccessKey, AssumedRole};
pub use sts::SecurityTokenService;
pub use surroundings::{INTEGRATION_TIMEOUT, RequestIds, Surroundings, UnixMillis};
