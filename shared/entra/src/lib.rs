//! The HTTP client to Entra ID, and to the issuers of callers' tokens.
//!
//! It owns everything that is spoken on those wires: authorize URLs, client
//! assertions, token requests, their answers and errors, published keys and the
//! checks of tokens. It decides nothing: what an answer means to a tenant is decided
//! in `auth`.

pub mod certificate;
#[doc(hidden)]
pub mod fuzzing;
mod guid;
mod home;
mod http;
mod oidc;
mod retry_after;
mod token;
mod trust;

pub use certificate::{CertificateError, KeysInSecret, SigningKey, StartError, load_signing_key};
pub use http::HttpError;
pub use oidc::callers::{CallersParts, OidcCallers};
pub use token::client::{CodeCredential, EntraClient, EntraParts};
pub use token::pages::SignInPages;
pub use token::signing_keys::SigningKeys;
pub use trust::{TrustError, TrustRoots};
