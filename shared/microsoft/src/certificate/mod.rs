//! Certificates and their keys: reading them, checking that they will do, signing
//! with them, inspecting them, and making a self-signed one. A PFX file is recognised
//! but not opened here: what that takes stays out of the functions.

mod bundle;
mod create;
mod error;
mod facts;
mod file_form;
mod in_secret;
mod inspection;
mod key_credential;
mod pair;
pub(crate) mod pem;
#[cfg(test)]
mod pem_tests;
mod private_key;
mod self_signed;
mod signing_key;
#[cfg(test)]
mod tests;

pub use bundle::{Bundle, Choice};
pub use create::{CreatedCertificate, RsaLength, create, create_with};
pub use error::CertificateError;
pub use facts::{CertificateFacts, PublicKeyKind, Thumbprint, Thumbprints};
pub use file_form::FileForm;
pub use in_secret::{KeysInSecret, StartError, load_signing_key};
pub use inspection::{Inspection, PrivateKeyState, Validity};
pub use key_credential::{KeyCredential, KeyCredential2016};
pub use pair::CertificatePair;
pub use pem::DamagedBlock;
pub use private_key::PrivateKeyDer;
pub use self_signed::SelfSigned;
pub use signing_key::SigningKey;
