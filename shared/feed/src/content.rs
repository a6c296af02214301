//! Contents: the blobs of records that a listing names.

use std::fmt;

use auth::Timestamp;
use auth::digest::sha256;

/// A content by the first 128 bits of the SHA-256 of its contentId. That is what the ledger
/// remembers: two of a million contents are alike by chance once in 10^26.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentKey(pub [u8; 16]);

impl ContentKey {
    /// Of a contentId, which is opaque: no part of it is read, and its case counts.
    pub fn of(content_id: &str) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&sha256(content_id.as_bytes())[..16]);
        Self(key)
    }
}

/// A content that a listing named.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// Which.
    pub key: ContentKey,
    /// Where it is, by the listing's word: to be checked before a token is sent there.
    pub unverified_uri: String,
    /// `contentCreated`, to the second: the one time by which contents are listed and stored.
    pub created: Timestamp,
}

/// Without the address, which is long and says nothing more.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({:02x?}, {})", self.key.0, self.created)
    }
}
