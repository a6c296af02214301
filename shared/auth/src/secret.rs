//! Secrets that print nothing. A thin layer over `secrecy`: the type cannot be
//! serialised, its `Debug` shows only that something is there, and its memory is
//! wiped when it is dropped.

use secrecy::SecretBox;
pub use secrecy::{ExposeSecret, SecretString};

/// Bytes that are wiped when they are dropped: where a secret is worked on.
pub type Wiped = secrecy::zeroize::Zeroizing<Vec<u8>>;

/// A 256-bit symmetric key.
pub type Key256 = SecretBox<[u8; 32]>;

/// Reads a 256-bit key from standard base64 text; `None` when it is anything else.
pub fn key_from_base64(text: &str) -> Option<Key256> {
    let bytes = crate::encoding::from_base64_standard(text)?;
    let key: [u8; 32] = bytes.try_into().ok()?;
    Some(Key256::new(Box::new(key)))
}
