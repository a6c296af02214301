//! What Entra ID is asked for: app-only tokens, the sign-in and the redemption of its code,
//! each proven by an assertion, and what its answers and refusals mean.

mod aadsts;
pub(crate) mod answer;
mod app_only;
mod assertion;
mod audit;
pub(crate) mod callback_error;
pub(crate) mod client;
mod consent;
pub(crate) mod domain;
mod error_body;
mod home;
pub(crate) mod pages;
mod place;
mod purpose;
pub(crate) mod signing_keys;
mod timed;
mod with_assertion;
