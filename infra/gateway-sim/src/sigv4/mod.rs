//! Signature Version 4, as services verify it against one access key: what the request says of
//! its signature, its date, and the signature itself. Who is asked answers a refusal in a form
//! of its own.

mod access_key;
mod authorization;
mod date;
mod denied;
mod signature;

pub use access_key::{AccessKey, AssumedRole};
pub(crate) use authorization::{Service, Signed};
pub(crate) use denied::Denied;
pub(crate) use signature::verify;
