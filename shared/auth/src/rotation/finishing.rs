//! The last step: the pending version becomes the current one, the one before the previous one.

use super::{Done, Rotation, RotationError};
use crate::ports::{Stage, VersionList, Write};
use std::time::Duration;

impl Rotation {
    /// Not before a token has come by the new key, whatever steps came before this one. A
    /// certificate that was published by hand since the rotation began is newer: it stays.
    pub(super) async fn finish(
        &self,
        id: &str,
        versions: &VersionList,
        until: Duration,
    ) -> Result<Done, RotationError> {
        let pending = self.pending(id, versions).await?;
        let before = versions.with(Stage::Current);
        let before = before.ok_or_else(|| self.no_current())?;
        if let Ok(Some(current)) = self.certificate_of(before, "current").await
            && current.starts_at > pending.starts_at
        {
            let reason = "a newer certificate was put into the secret";
            return Err(self.give_up(id, versions, reason).await?);
        }
        self.prove(pending.signer, until).await?;
        let moved = self
            .versions
            .make_current(&self.secret_id, id, before)
            .await?;
        match moved {
            Write::Done => Ok(Done::Now),
            Write::Stale => Err(RotationError::Changed),
        }
    }
}
