//! The Office 365 Management Activity API: what is asked of it for one tenant, and what its
//! answers and refusals say.
//!
//! A tenant's token is in each request, so that [`call`] alone makes their addresses. Answers
//! are read as the API's odd ones were seen (protocol notes §3, §7): what cannot be read is an
//! outage, never an empty answer.

pub(crate) mod answer;
mod body;
mod call;
pub(crate) mod client;
pub(crate) mod error_body;
pub(crate) mod gzip;
pub(crate) mod listing;
mod pieces;
mod refused;
mod subscriptions;
mod times;
