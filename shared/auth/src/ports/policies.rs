//! Where the policy text that is in force is kept: one text, with a version that every
//! change counts up, and its SHA-256, which every line of the audit log names.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};

use super::store::{StoreError, Write};
use crate::encoding::hex;
use crate::timestamp::Timestamp;

/// Whether the policies decide or are only watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PolicyMode {
    /// What no policy permits is denied.
    #[default]
    Enforce,
    /// What would be denied is logged and not denied.
    Audit,
}

impl PolicyMode {
    /// The word in the table, in options and in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyMode::Enforce => "enforce",
            PolicyMode::Audit => "audit",
        }
    }
}

impl fmt::Display for PolicyMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mode: enforce or audit")]
pub struct UnknownMode;

impl FromStr for PolicyMode {
    type Err = UnknownMode;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "enforce" => Ok(PolicyMode::Enforce),
            "audit" => Ok(PolicyMode::Audit),
            _ => Err(UnknownMode),
        }
    }
}

/// A policy text as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPolicy {
    /// The policies, in Cedar.
    pub text: String,
    /// 1 for the first text that was ever put, then one more with each.
    pub version: u64,
    /// [`digest_of`](Self::digest_of) the text, as whoever put it computed it. A reader
    /// computes it again: a text with another digest is not taken.
    pub digest: String,
    /// Enforced or watched.
    pub mode: PolicyMode,
    /// When it was put.
    pub put_at: Timestamp,
}

impl StoredPolicy {
    /// The text to put in the place of `before`; the first one where there is none.
    pub fn following(
        before: Option<&StoredPolicy>,
        text: String,
        mode: PolicyMode,
        put_at: Timestamp,
    ) -> Self {
        Self {
            version: before.map_or(0, |before| before.version) + 1,
            digest: Self::digest_of(&text),
            text,
            mode,
            put_at,
        }
    }

    /// SHA-256 of a policy text, in hexadecimal.
    pub fn digest_of(text: &str) -> String {
        hex(digest(&SHA256, text.as_bytes()).as_ref())
    }
}

/// Reads the policy text.
///
/// Failure policy: a reader that has a text keeps it; one that has none denies everybody.
#[async_trait]
pub trait PolicySource: Send + Sync {
    /// The text in force; `None` where none was ever put, or it was taken away. Strongly
    /// consistent: it is asked once a minute, and must not go back to an older text.
    async fn current(&self) -> Result<Option<StoredPolicy>, StoreError>;
}

/// Replaces the policy text: the operator's part.
///
/// Failure policy: a [`StoreError`] leaves the text as it was.
#[async_trait]
pub trait PolicyStore: PolicySource {
    /// Writes `policy` if what is stored has the version right before it: nothing at all
    /// for version 1. Else somebody was faster, and nothing is written.
    async fn put(&self, policy: &StoredPolicy) -> Result<Write, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_from_one_and_the_digest_is_that_of_the_text() {
        let at = Timestamp::from_unix(5);
        let first = StoredPolicy::following(None, "abc".into(), PolicyMode::Audit, at);
        assert_eq!(first.version, 1);
        assert_eq!(
            first.digest,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let next = StoredPolicy::following(Some(&first), "".into(), PolicyMode::Enforce, at);
        assert_eq!(next.version, 2);
        assert_ne!(next.digest, first.digest);
    }

    #[test]
    fn modes_come_back_from_their_words() {
        for mode in [PolicyMode::Enforce, PolicyMode::Audit] {
            assert_eq!(mode.as_str().parse(), Ok(mode));
        }
        assert_eq!("Audit".parse::<PolicyMode>(), Err(UnknownMode));
    }
}
