//! The third step: a real app-only token by the new key. A key that was added a moment ago may
//! not have come to every replica of the token endpoint: it is asked again while there is time.

use std::sync::Arc;
use std::time::Duration;

use super::{Done, Rotation, RotationError};
use crate::ports::{AssertionSigner, VersionList};

/// Between two requests.
const ASKED_EVERY: Duration = Duration::from_secs(10);
/// A request takes no longer, with its second try (decision 0048).
const LONGEST_REQUEST: Duration = Duration::from_secs(17);

impl Rotation {
    pub(super) async fn test(
        &self,
        id: &str,
        versions: &VersionList,
        until: Duration,
    ) -> Result<Done, RotationError> {
        let pending = self.pending(id, versions).await?;
        self.prove(pending.signer, until).await
    }

    /// Until `until`, by the clock's time since its start. What comes last is reported.
    pub(super) async fn prove(
        &self,
        key: Arc<dyn AssertionSigner>,
        until: Duration,
    ) -> Result<Done, RotationError> {
        loop {
            let Err(error) = self.keys.proves(Arc::clone(&key)).await else {
                return Ok(Done::Now);
            };
            if self.clock.since_start() + ASKED_EVERY + LONGEST_REQUEST > until {
                return Err(error.into());
            }
            self.pause.pause(ASKED_EVERY).await;
        }
    }
}
