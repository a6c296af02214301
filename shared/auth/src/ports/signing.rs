//! Who signs the assertions that prove this application at the authority: a key in this
//! process, or one that another service keeps and signs with on request (decision 0054).

use std::sync::Arc;

use async_trait::async_trait;

use super::SecretError;
use crate::cause::{Cause, CauseCode};
use crate::protocol::AssertionForm;
use crate::timestamp::Timestamp;

/// The certificate by which the authority knows a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateIdentity {
    /// `x5t`: base64url of the SHA-1 of the certificate's DER (RFC 7515 §4.1.7).
    pub sha1_thumbprint: String,
    /// `x5t#S256`: base64url of the SHA-256 of the certificate's DER (RFC 7515 §4.1.8).
    pub sha256_thumbprint: String,
    /// When the certificate ends.
    pub expires_at: Timestamp,
}

/// Why there is no signature. The texts name no key and hold nothing of what was to be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// It passes by itself: a time-out, a throttle, no connection.
    #[error("the signing key does not answer: {0}")]
    Unavailable(String),
    /// This key does not sign: it is disabled, denied, or of another kind. Another one may.
    #[error("the signing key refuses to sign: {0}")]
    Refused(String),
}

/// Ours, and worth another try: an operator mends it, or it passes.
impl From<SigningError> for Cause {
    fn from(_: SigningError) -> Self {
        CauseCode::BrokerUnavailable.into()
    }
}

/// Signs with the key of one certificate.
///
/// Failure policy: an implementation ends by itself, within two seconds, and tries nothing
/// again: its caller may have two requests of eight seconds at the authority besides. A refusal
/// is answered with the other version of the key once, an unavailable key with nothing.
#[async_trait]
pub trait AssertionSigner: Send + Sync {
    /// Which certificate's key signs.
    fn identity(&self) -> &CertificateIdentity;

    /// The signature of `message` (a JWS signing input, RFC 7515 §5.1, below 4,096 bytes) in
    /// this form: RSASSA over its SHA-256, as long as the key's modulus.
    async fn sign(&self, form: AssertionForm, message: &[u8]) -> Result<Vec<u8>, SigningError>;
}

/// The versions of the key that signs.
///
/// Failure policy: a caller that has a version keeps it and asks again later (decision 0014).
#[async_trait]
pub trait SignerVersions: Send + Sync {
    /// The current version, read and checked.
    async fn current(&self) -> Result<Arc<dyn AssertionSigner>, SecretError>;

    /// The version before it; `None` where there is none.
    async fn previous(&self) -> Result<Option<Arc<dyn AssertionSigner>>, SecretError>;
}
