//! What others sign and we check (OpenID Connect Core 1.0, RFC 7519): callers' tokens and the
//! token of who signed in, with the keys that their issuers publish.

pub(crate) mod callers;
pub(crate) mod identity_token;
pub(crate) mod issuer_keys;
mod jwks_uri;
mod jws_header;
pub(crate) mod key_error;
mod proofs;
mod published_key;
mod token_times;
pub(crate) mod wire;
