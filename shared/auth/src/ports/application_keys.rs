//! The key credentials of the application at Entra ID, and the certificates that go there.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{AssertionSigner, AuthorityError};
use crate::secret::SecretString;
use crate::timestamp::Timestamp;

/// A key credential as the application has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredKey {
    /// Its `keyId`, by which it is removed.
    pub key_id: String,
    /// base64url of the SHA-1 of the certificate's DER, as `x5t`; `None` of a credential that
    /// is no certificate, or whose thumbprint cannot be read.
    pub sha1_thumbprint: Option<String>,
}

/// Why something about the application's keys was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeysError {
    /// There is no token for the request: the key that signs is not taken, or the authority
    /// does not answer.
    #[error("no token for it: {0}")]
    NoToken(AuthorityError),
    /// Microsoft Graph refuses: a permission is missing, or a policy of the home tenant does not
    /// allow it. An operator has to act. Holds Graph's own code, or the status.
    #[error("Microsoft Graph refuses it ({0})")]
    Refused(String),
    /// Worth another try. It may have been done all the same.
    #[error("Microsoft Graph does not answer: {reason}")]
    Unavailable {
        /// What happened.
        reason: String,
        /// How long Graph asks to be left alone.
        retry_after: Option<Duration>,
    },
}

impl KeysError {
    /// Whether another key could do better: this one's assertion was refused.
    pub fn is_about_the_key(&self) -> bool {
        use crate::cause::CauseCode::CredentialRefused;
        matches!(self, Self::NoToken(error) if error.cause.code == CredentialRefused)
    }
}

/// The application's key credentials, at Microsoft Graph. Every request is made by the
/// application itself, with a token that `by`'s key asks for in the home tenant, and a change
/// is proven by a signature of the same key.
///
/// Failure policy: nothing is tried twice but what reads. After [`KeysError::Unavailable`] a
/// change may have been made: read before it is made again.
#[async_trait]
pub trait ApplicationKeys: Send + Sync {
    /// The key credentials that the application has.
    async fn registered(
        &self,
        by: Arc<dyn AssertionSigner>,
    ) -> Result<Vec<RegisteredKey>, KeysError>;

    /// Adds the certificate with this DER.
    async fn add(&self, by: Arc<dyn AssertionSigner>, der: &[u8]) -> Result<(), KeysError>;

    /// Removes the key credential with this id; one that is not there counts as removed.
    async fn remove(&self, by: Arc<dyn AssertionSigner>, key_id: &str) -> Result<(), KeysError>;

    /// Asks for a real app-only token by this key alone.
    async fn proves(&self, key: Arc<dyn AssertionSigner>) -> Result<(), KeysError>;
}

/// A certificate with its key as a secret holds them, ready to sign.
#[derive(Clone)]
pub struct KeptCertificate {
    /// Signs with its key.
    pub signer: Arc<dyn AssertionSigner>,
    /// The DER of the certificate.
    pub der: Vec<u8>,
    /// When it begins: shortly before it was made.
    pub starts_at: Timestamp,
}

/// Makes certificates for the secret, and reads those that it holds. An error is one line that
/// says what is wrong, without a word of the key.
pub trait Certificates: Send + Sync {
    /// A fresh RSA key and a self-signed certificate over it, as the secret holds them.
    fn make(&self) -> Result<SecretString, String>;

    /// What a version of the secret holds.
    fn open(&self, secret: &SecretString) -> Result<KeptCertificate, String>;
}
