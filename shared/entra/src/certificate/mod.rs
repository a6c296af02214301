//! Certificates and their keys: reading them, checking that they will do, signing
//! with them, and making a self-signed one.

mod create;
mod read;
mod signing_key;

pub use create::{CreatedCertificate, create};
pub use read::{CertificateError, CertificateFacts};
pub(crate) use signing_key::SigningFailed;
pub use signing_key::SigningKey;
