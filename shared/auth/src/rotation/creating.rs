//! The first step: a fresh key and certificate as the pending version.

use super::{Done, Rotation, RotationError};
use crate::ports::{VersionList, Write};

impl Rotation {
    /// What is pending already stays. Of two that make one at once, the first counts.
    pub(super) async fn create(
        &self,
        id: &str,
        versions: &VersionList,
    ) -> Result<Done, RotationError> {
        if self.certificate_of(id, "pending").await?.is_some() {
            return self.pending(id, versions).await.map(|_| Done::Before);
        }
        let made = self.certificates.make().map_err(RotationError::NotMade)?;
        let written = self
            .versions
            .write_pending(&self.secret_id, id, &made)
            .await?;
        Ok(match written {
            Write::Done => Done::Now,
            Write::Stale => Done::Before,
        })
    }
}
