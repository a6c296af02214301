//! The second step: the application gets the pending certificate as one more key credential.

use std::sync::Arc;

use super::{Done, Rotation, RotationError};
use crate::ports::VersionList;

impl Rotation {
    /// One that is registered, by us or by an operator's hand, is not added again. A request
    /// that failed may have been carried out: the application is read before it counts as failed.
    pub(super) async fn add(
        &self,
        id: &str,
        versions: &VersionList,
    ) -> Result<Done, RotationError> {
        let pending = self.pending(id, versions).await?;
        let registered = self.registered(versions).await?;
        if registered.of(&pending).is_some() {
            return Ok(Done::Before);
        }
        let added = self
            .keys
            .add(Arc::clone(&registered.by), &pending.der)
            .await;
        let Err(error) = added else {
            return Ok(Done::Now);
        };
        match self.registered(versions).await?.of(&pending) {
            Some(_) => Ok(Done::Now),
            None => Err(error.into()),
        }
    }
}
