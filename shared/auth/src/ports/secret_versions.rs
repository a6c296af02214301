//! The versions of a secret with their staging labels, as AWS Secrets Manager's rotation moves
//! them ("How rotation works", Secrets Manager user guide).

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::{SecretError, Write};
use crate::secret::SecretString;
use crate::timestamp::Timestamp;

/// A staging label: at most one version of a secret has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// `AWSCURRENT`: what is read.
    Current,
    /// `AWSPENDING`: what a rotation is about to make current.
    Pending,
    /// `AWSPREVIOUS`: what was current before. Moves by itself.
    Previous,
}

/// The versions of a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionList {
    /// Whether the secret is rotated by a function.
    pub rotation_enabled: bool,
    /// The labels of each version, by the version's id.
    pub versions: BTreeMap<String, BTreeSet<Stage>>,
    /// When the secret was changed last, in whatever way.
    pub changed_at: Option<Timestamp>,
}

impl VersionList {
    /// The version with this label.
    pub fn with(&self, stage: Stage) -> Option<&str> {
        let mut versions = self.versions.iter();
        let found = versions.find(|(_, stages)| stages.contains(&stage));
        found.map(|(id, _)| id.as_str())
    }

    /// The version that a rotation has begun and not finished.
    pub fn unfinished(&self) -> Option<&str> {
        self.with(Stage::Pending)
            .filter(|pending| self.with(Stage::Current) != Some(pending))
    }
}

/// The versions of secrets, to be rotated: the rotator's alone.
///
/// Failure policy: every operation may be repeated. After [`SecretError::Unavailable`] a change
/// may have been made.
#[async_trait]
pub trait SecretVersions: Send + Sync {
    /// The versions that have a label.
    async fn list(&self, name: &str) -> Result<VersionList, SecretError>;

    /// The value of one version; `None` where it has none yet.
    async fn read_version(&self, name: &str, id: &str)
    -> Result<Option<SecretString>, SecretError>;

    /// Gives the version with this id its value and the label of what is pending.
    /// [`Write::Stale`]: it has another value already, which stays.
    async fn write_pending(
        &self,
        name: &str,
        id: &str,
        value: &SecretString,
    ) -> Result<Write, SecretError>;

    /// Makes this version the current one in place of `before`, which becomes the previous
    /// one. [`Write::Stale`]: `before` is not the current one any more; nothing was moved.
    async fn make_current(&self, name: &str, id: &str, before: &str) -> Result<Write, SecretError>;

    /// Takes the label of what is pending from this version.
    async fn drop_pending(&self, name: &str, id: &str) -> Result<(), SecretError>;
}
