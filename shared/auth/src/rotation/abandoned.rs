//! A rotation that is given up: its key credential goes, then the label of what is pending. The
//! other way round nothing would know the credential any more.

use std::sync::Arc;

use super::{GIVEN_UP_AFTER, Rotation, RotationError};
use crate::ports::{KeptCertificate, Stage, VersionList};

impl Rotation {
    /// Whether it was begun too long ago. A certificate begins when its rotation does.
    pub(super) fn is_too_old(&self, pending: &KeptCertificate) -> bool {
        pending.starts_at + GIVEN_UP_AFTER < self.clock.now()
    }

    /// Whether it is the certificate of the current version or of the one before: what signs is
    /// never removed. A version that cannot be used holds no certificate that signs.
    pub(super) async fn is_in_use(
        &self,
        certificate: &KeptCertificate,
        versions: &VersionList,
    ) -> Result<bool, RotationError> {
        for stage in [Stage::Current, Stage::Previous] {
            match self.certificate(versions, stage).await {
                Ok(Some(kept)) if kept.signer.identity() == certificate.signer.identity() => {
                    return Ok(true);
                }
                Ok(_) | Err(RotationError::Unusable { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(false)
    }

    /// Rolls the rotation back; gives the error that says so. Where that fails, the next attempt
    /// finds it as it is.
    pub(super) async fn give_up(
        &self,
        id: &str,
        versions: &VersionList,
        reason: &'static str,
    ) -> Result<RotationError, RotationError> {
        if let Some(pending) = self.certificate_of(id, "pending").await?
            && !self.is_in_use(&pending, versions).await?
        {
            let registered = self.registered(versions).await?;
            if let Some(key) = registered.of(&pending) {
                let by = Arc::clone(&registered.by);
                self.keys.remove(by, &key.key_id).await?;
            }
        }
        self.versions.drop_pending(&self.secret_id, id).await?;
        Ok(RotationError::GivenUp(reason))
    }
}
