//! What the versions of the secret hold, and which of their keys can ask Graph.

use std::sync::Arc;

use super::{Rotation, RotationError};
use crate::ports::{
    AssertionSigner, KeptCertificate, RegisteredKey, SecretError, Stage, VersionList,
    short_secret_name,
};

/// What the application has, and the key that could read it.
pub(super) struct Registered {
    pub(super) by: Arc<dyn AssertionSigner>,
    pub(super) keys: Vec<RegisteredKey>,
}

impl Registered {
    /// The key credential of this certificate.
    pub(super) fn of(&self, certificate: &KeptCertificate) -> Option<&RegisteredKey> {
        let thumbprint = &certificate.signer.identity().sha1_thumbprint;
        let mut keys = self.keys.iter();
        keys.find(|key| key.sha1_thumbprint.as_ref() == Some(thumbprint))
    }
}

impl Rotation {
    /// The certificate of the version with this label; `None` where there is none.
    pub(super) async fn certificate(
        &self,
        versions: &VersionList,
        stage: Stage,
    ) -> Result<Option<KeptCertificate>, RotationError> {
        match versions.with(stage) {
            Some(id) => self.certificate_of(id, name_of(stage)).await,
            None => Ok(None),
        }
    }

    /// The certificate of this version; `None` where it has no value.
    pub(super) async fn certificate_of(
        &self,
        id: &str,
        version: &'static str,
    ) -> Result<Option<KeptCertificate>, RotationError> {
        let value = self.versions.read_version(&self.secret_id, id).await?;
        let opened = value.map(|value| self.certificates.open(&value));
        opened
            .transpose()
            .map_err(|reason| RotationError::Unusable { version, reason })
    }

    /// Nothing was put into the secret so far.
    pub(super) fn no_current(&self) -> RotationError {
        RotationError::from(SecretError::Empty {
            name: short_secret_name(&self.secret_id),
            hint: String::new(),
        })
    }

    /// What the application has, read with the current key; where Entra ID refuses that, or it
    /// cannot be used, with the previous one, and then with the pending one. A key that was put
    /// into the secret by hand may not be registered.
    pub(super) async fn registered(
        &self,
        versions: &VersionList,
    ) -> Result<Registered, RotationError> {
        let mut refused = self.no_current();
        for stage in [Stage::Current, Stage::Previous, Stage::Pending] {
            let key = match self.certificate(versions, stage).await {
                Ok(Some(certificate)) => certificate.signer,
                Ok(None) => continue,
                Err(RotationError::Unusable { version, reason }) => {
                    refused = RotationError::Unusable { version, reason };
                    continue;
                }
                Err(other) => return Err(other),
            };
            match self.keys.registered(Arc::clone(&key)).await {
                Ok(keys) => return Ok(Registered { by: key, keys }),
                Err(error) if error.is_about_the_key() => refused = error.into(),
                Err(other) => return Err(other.into()),
            }
        }
        Err(refused)
    }
}

fn name_of(stage: Stage) -> &'static str {
    match stage {
        Stage::Current => "current",
        Stage::Pending => "pending",
        Stage::Previous => "previous",
    }
}
