//! The HTTP clients of Microsoft's services, and of the issuers of callers' tokens.
//!
//! It owns everything that is spoken on those wires: authorize URLs, client
//! assertions, token requests, their answers and errors, published keys and the
//! checks of tokens; the requests of the Activity API and of Graph, and their answers. It decides nothing:
//! what an answer means to a tenant is decided in `auth`, what it means to the audit log in
//! `feed`.

mod activity;
pub mod certificate;
mod date;
mod entra;
#[doc(hidden)]
pub mod fuzzing;
mod graph;
mod guid;
mod http;
mod oidc;
mod reach;
mod retry_after;
mod trust;

pub use activity::client::{ActivityClient, ActivityParts, ActivityPatience};
pub use certificate::{CertificateError, KeysInSecret, SigningKey, StartError, load_signing_key};
pub use entra::client::{CodeCredential, EntraClient, EntraParts};
pub use entra::domain::DomainError;
pub use entra::pages::SignInPages;
pub use entra::signing_keys::SigningKeys;
pub use graph::client::{GraphClient, GraphParts};
pub use graph::registration::Registration;
pub use http::HttpError;
pub use oidc::callers::{CallersParts, OidcCallers};
pub use reach::Reached;
pub use trust::{TrustError, TrustRoots};
