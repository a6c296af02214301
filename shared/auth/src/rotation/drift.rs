//! The daily look: what Entra ID holds beside what the secret holds. What a finished rotation
//! left is tidied up here, and nothing else is changed.

use std::sync::Arc;

use serde::Serialize;

use super::versions::Registered;
use super::{GIVEN_UP_AFTER, Rotation, RotationError};
use crate::ports::{KeptCertificate, Stage, VersionList};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Key credentials that the application has, those removed now left out.
    pub registered: usize,
    /// Of these, those that no version of the secret holds (`keyId`): someone else's.
    pub unknown: Vec<String>,
    /// The current certificate is not among them.
    pub current_missing: bool,
    /// A rotation has begun and not finished.
    pub waiting: bool,
    /// The previous certificate was removed now: its overlap is over.
    pub removed: bool,
    /// A rotation was given up and rolled back now.
    pub given_up: bool,
}

impl Drift {
    /// How much differs from what should be.
    pub fn differences(&self) -> usize {
        let of = |is: bool| usize::from(is);
        self.unknown.len() + of(self.current_missing) + of(self.waiting) + of(self.given_up)
    }
}

/// The certificates of the versions. What cannot be used is as good as missing here.
struct Held {
    current: Option<KeptCertificate>,
    previous: Option<KeptCertificate>,
    pending: Option<KeptCertificate>,
}

impl Rotation {
    /// Looks, tidies up, and says what differs.
    pub async fn check(&self) -> Result<Drift, RotationError> {
        let mut versions = self.versions.list(&self.secret_id).await?;
        let given_up = self.give_up_overdue(&versions).await?;
        if given_up {
            versions = self.versions.list(&self.secret_id).await?;
        }
        let held = self.held(&versions).await?;
        let mut registered = self.registered(&versions).await?;
        let removed = self
            .remove_previous(&versions, &held, &mut registered)
            .await?;
        Ok(Drift {
            given_up,
            removed,
            ..drift(&versions, &held, &registered)
        })
    }

    /// The same look for an operator: nothing is tidied up.
    pub async fn look(&self) -> Result<Drift, RotationError> {
        let versions = self.versions.list(&self.secret_id).await?;
        let held = self.held(&versions).await?;
        let registered = self.registered(&versions).await?;
        Ok(drift(&versions, &held, &registered))
    }

    async fn give_up_overdue(&self, versions: &VersionList) -> Result<bool, RotationError> {
        let Some(id) = versions.unfinished() else {
            return Ok(false);
        };
        match self.pending(id, versions).await {
            Err(RotationError::GivenUp(_)) => Ok(true),
            Err(RotationError::NotOurs(_)) if self.is_untouched(versions) => {
                let reason = "it was begun and nothing came of it";
                self.give_up(id, versions, reason).await?;
                Ok(true)
            }
            Ok(_) | Err(RotationError::NotOurs(_) | RotationError::Unusable { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// A pending version without a value has no certificate that would be too old.
    fn is_untouched(&self, versions: &VersionList) -> bool {
        let since = versions.changed_at.unwrap_or_default();
        since + GIVEN_UP_AFTER < self.clock.now()
    }

    async fn held(&self, versions: &VersionList) -> Result<Held, RotationError> {
        let of = async |stage| match self.certificate(versions, stage).await {
            Err(RotationError::Unusable { .. }) => Ok(None),
            other => other,
        };
        Ok(Held {
            current: of(Stage::Current).await?,
            previous: of(Stage::Previous).await?,
            pending: of(Stage::Pending).await?,
        })
    }

    /// Only by the current key, which has just asked for a token: it is known to work.
    async fn remove_previous(
        &self,
        versions: &VersionList,
        held: &Held,
        registered: &mut Registered,
    ) -> Result<bool, RotationError> {
        let (Some(current), Some(previous)) = (&held.current, &held.previous) else {
            return Ok(false);
        };
        let is_current = |certificate: &KeptCertificate| {
            certificate.signer.identity() == current.signer.identity()
        };
        let by_current = registered.by.identity() == current.signer.identity();
        if !by_current || is_current(previous) || !self.overlap_is_over(versions, current) {
            return Ok(false);
        }
        let Some(key_id) = registered.of(previous).map(|key| key.key_id.clone()) else {
            return Ok(false);
        };
        self.keys
            .remove(Arc::clone(&registered.by), &key_id)
            .await?;
        registered.keys.retain(|key| key.key_id != key_id);
        Ok(true)
    }

    /// Counted from the last change of the secret, of whatever kind: never too early.
    fn overlap_is_over(&self, versions: &VersionList, current: &KeptCertificate) -> bool {
        let since = versions.changed_at.unwrap_or(current.starts_at);
        since.max(current.starts_at) + self.overlap <= self.clock.now()
    }
}

fn drift(versions: &VersionList, held: &Held, registered: &Registered) -> Drift {
    let known: Vec<&str> = [&held.current, &held.previous, &held.pending]
        .into_iter()
        .flatten()
        .filter_map(|certificate| registered.of(certificate))
        .map(|key| key.key_id.as_str())
        .collect();
    let keys = registered.keys.iter().map(|key| key.key_id.clone());
    let current = held.current.as_ref();
    Drift {
        registered: registered.keys.len(),
        unknown: keys.filter(|id| !known.contains(&id.as_str())).collect(),
        current_missing: current.and_then(|current| registered.of(current)).is_none(),
        waiting: versions.unfinished().is_some(),
        ..Drift::default()
    }
}
