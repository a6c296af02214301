//! Policy texts: the one in force, with a version that every change counts up and its
//! SHA-256, which every line of the audit log names; and beside it a candidate, which is
//! tried and decides nothing. Where they are kept is a port (`ports/policies.rs`).

use crate::digest::sha256;
use crate::encoding::hex;
use crate::timestamp::Timestamp;

/// The policy text in force, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPolicy {
    /// The policies, in Cedar.
    pub text: String,
    /// 1 for the first text that was ever put, then one more with each.
    pub version: u64,
    /// [`digest_of`](Self::digest_of) the text, computed by the writer. A reader
    /// computes it again: a text with another digest is not taken.
    pub digest: String,
    /// When it was put.
    pub put_at: Timestamp,
}

impl StoredPolicy {
    /// The text to put in the place of `before`; the first one where there is none.
    pub fn following(before: Option<&StoredPolicy>, text: String, put_at: Timestamp) -> Self {
        Self {
            version: before.map_or(0, |before| before.version) + 1,
            digest: Self::digest_of(&text),
            text,
            put_at,
        }
    }

    /// SHA-256 of a policy text, in hexadecimal.
    pub fn digest_of(text: &str) -> String {
        hex(&sha256(text.as_bytes()))
    }
}

/// A text that is evaluated beside the one in force, to see what would change. Opens and
/// closes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidatePolicy {
    /// The policies, in Cedar.
    pub text: String,
    /// [`StoredPolicy::digest_of`] the text.
    pub digest: String,
    /// When it was put.
    pub put_at: Timestamp,
}

impl CandidatePolicy {
    /// The candidate of a text.
    pub fn new(text: String, put_at: Timestamp) -> Self {
        Self {
            digest: StoredPolicy::digest_of(&text),
            text,
            put_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_from_one_and_the_digest_is_that_of_the_text() {
        let at = Timestamp::from_unix(5);
        let first = StoredPolicy::following(None, "abc".into(), at);
        assert_eq!(first.version, 1);
        assert_eq!(
            first.digest,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(CandidatePolicy::new("abc".into(), at).digest, first.digest);
        let next = StoredPolicy::following(Some(&first), "".into(), at);
        assert_eq!(next.version, 2);
        assert_ne!(next.digest, first.digest);
    }
}
