//! A simulated Office 365 Management Activity API, at the authority's own base URL.
//!
//! `{base URL}/api/v1.0/{tenant}/activity/feed/…`: subscriptions, listing, content,
//! notifications (also to webhooks), friendly names. Content follows from a seeded [`scenario`] and the clock;
//! the [`book`] says what has been offered, and what was answered. Facts: Microsoft's reference; where it is
//! silent, a row of the assumptions.

mod addresses;
mod alteration;
mod answered;
pub(crate) mod assumptions;
mod auditing;
mod bearer;
mod blob;
mod body;
pub(crate) mod book;
mod call;
mod chance;
mod content_type;
mod counts;
mod digest;
pub(crate) mod errors;
mod fetch;
mod friendly_names;
mod gzip;
mod kept;
mod listing;
pub(crate) mod notify;
mod period;
mod post;
mod quota;
mod received;
mod record;
pub(crate) mod routes;
pub(crate) mod scenario;
mod sending;
mod shape;
pub(crate) mod state;
mod steer;
mod subscribe;
mod subscription;
mod validation;
mod webhook;
mod window;
