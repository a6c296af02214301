//! The key that lies in the certificate's secret: its versions are the secret's, and each is
//! parsed when it is read. The local implementation of the port of signing.

use std::sync::Arc;

use async_trait::async_trait;
use auth::ports::{
    AssertionSigner, Clock, DeployedSecret, SecretError, SecretSource, SignerVersions,
    short_secret_name,
};

use super::error::CertificateError;
use super::signing_key::SigningKey;

/// Why the certificate cannot be had. Every variant is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The certificate's secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// What it holds will not do.
    #[error("secret {name} cannot be used: {reason}")]
    Certificate {
        /// The secret's name.
        name: String,
        /// What is wrong with it.
        reason: CertificateError,
    },
}

/// For a start that waits until the secret is mended, whatever is wrong with it.
impl From<StartError> for SecretError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Secret(error) => error,
            StartError::Certificate { name, reason } => SecretError::unusable(&name, reason),
        }
    }
}

/// Reads and checks the current certificate called `secret_id`.
pub async fn load_signing_key(
    secrets: &dyn SecretSource,
    secret_id: &str,
    clock: &dyn Clock,
) -> Result<Arc<SigningKey>, StartError> {
    let secret = secrets.read(secret_id).await;
    let secret = secret.map_err(|error| error.of(DeployedSecret::Certificate))?;
    let key = SigningKey::from_secret(&secret, clock.now());
    key.map(Arc::new).map_err(|reason| StartError::Certificate {
        name: short_secret_name(secret_id),
        reason,
    })
}

/// The keys that the certificate's secret holds.
pub struct KeysInSecret {
    secrets: Arc<dyn SecretSource>,
    secret_id: String,
    clock: Arc<dyn Clock>,
}

impl KeysInSecret {
    /// Those of the secret called `secret_id`; nothing is read yet.
    pub fn new(secrets: Arc<dyn SecretSource>, secret_id: &str, clock: Arc<dyn Clock>) -> Self {
        Self {
            secrets,
            secret_id: secret_id.to_owned(),
            clock,
        }
    }
}

#[async_trait]
impl SignerVersions for KeysInSecret {
    async fn current(&self) -> Result<Arc<dyn AssertionSigner>, SecretError> {
        let (secrets, clock) = (self.secrets.as_ref(), self.clock.as_ref());
        Ok(load_signing_key(secrets, &self.secret_id, clock).await?)
    }

    async fn previous(&self) -> Result<Option<Arc<dyn AssertionSigner>>, SecretError> {
        let Some(secret) = self.secrets.read_previous(&self.secret_id).await? else {
            return Ok(None);
        };
        match SigningKey::from_secret(&secret, self.clock.now()) {
            Ok(key) => Ok(Some(Arc::new(key))),
            Err(reason) => Err(SecretError::unusable(&self.secret_id, reason)),
        }
    }
}
