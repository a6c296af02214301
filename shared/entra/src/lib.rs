//! The HTTP client to Entra ID, and to the issuers of callers' tokens.
//!
//! It owns everything that is spoken on those wires: authorize URLs, client
//! assertions, token requests, their answers and errors, published keys and the
//! checks of tokens. It decides nothing: what an answer means to a tenant is decided
//! in `auth`.

mod aadsts;
mod answer;
mod assertion;
mod callback_error;
pub mod callers;
pub mod certificate;
mod client;
mod consent;
mod error_body;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod home;
mod http;
mod identity_token;
mod jws_header;
mod key_error;
mod key_place;
mod keys;
mod proofs;
mod published_key;
mod retry_after;
mod signing_keys;
mod token_times;
mod trust;
mod wire;

pub use callers::{CallersParts, OidcCallers};
pub use certificate::{CertificateError, SigningKey};
pub use client::{CodeCredential, EntraClient, EntraParts};
pub use http::HttpError;
pub use signing_keys::{SigningKeys, StartError, load_signing_key};
pub use trust::{TrustError, TrustRoots};
