//! Caller keys: what a workload without a token of its own cloud proves itself with.
//!
//! A key reads `m365tb_{name}_{43 characters}`: a beginning that secret scanners find, the
//! name that its caller has in policies and in the audit log, and 256 random bits. The
//! table knows its SHA-256 alone; with that many random bits nothing slower is needed.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::CallerName;
use crate::digest::sha256;
use crate::encoding::{base64url, from_base64_standard, from_base64url};
use crate::secret::{ExposeSecret, SecretString};
use crate::text::KEY_PREFIX;
use crate::timestamp::Timestamp;
use crate::version::Version;

/// 256 random bits: 43 characters of base64url.
const SECRET_BYTES: usize = 32;

/// A caller's key. Whoever knows it is that caller. Its `Debug` shows nothing.
pub struct CallerKey {
    name: CallerName,
    text: SecretString,
}

/// SHA-256 of a key's text, name included: a hash that was moved to another name's row
/// fits no key.
#[derive(Debug, Clone, Copy)]
pub struct KeyHash([u8; 32]);

/// The text is no caller key: cut off, or never one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a caller key")]
pub struct NotAKey;

/// A key as the table keeps it.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// What the operator called it.
    pub name: CallerName,
    /// The key's hash.
    pub hash: KeyHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// A use of it, noted at most once an hour.
    pub last_used_at: Option<Timestamp>,
    /// The version that was read.
    pub version: Version,
}

impl CallerKey {
    /// A new one of random bytes.
    pub fn new(name: CallerName, random: [u8; SECRET_BYTES]) -> Self {
        let secret = base64url(&random);
        let text = format!("{KEY_PREFIX}{name}_{secret}").into();
        Self { name, text }
    }

    /// Whether a text is meant as a key, whole or not: for somebody who sends one where
    /// another proof belongs.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(KEY_PREFIX)
    }

    /// Whose key a text says it is, also where it is cut off or changed: for whoever looks for
    /// the service that sends it. What has no second underscore may be the random part.
    pub fn claimed_name(text: &str) -> Option<CallerName> {
        let (name, _) = text.strip_prefix(KEY_PREFIX)?.split_once('_')?;
        name.parse().ok()
    }

    /// The same of a header's value: the key by itself, behind a scheme, or as the user or the
    /// password of Basic (RFC 7617).
    pub fn claimed_in_header(value: &str) -> Option<CallerName> {
        let value = value.trim_ascii();
        let (scheme, text) = value.split_once(' ').unwrap_or(("", value));
        let text = text.trim_ascii();
        if !scheme.eq_ignore_ascii_case("basic") {
            return Self::claimed_name(text);
        }
        let pair = String::from_utf8(from_base64_standard(text)?).ok()?;
        let (user, password) = pair.split_once(':')?;
        Self::claimed_name(password).or_else(|| Self::claimed_name(user))
    }

    /// Whose it says it is.
    pub fn name(&self) -> &CallerName {
        &self.name
    }

    /// What the table compares it by.
    pub fn hash(&self) -> KeyHash {
        KeyHash(sha256(self.expose().as_bytes()))
    }

    /// The key's text, for the one time that it is shown.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

/// One spelling only: what is no key is refused before the table is asked.
impl FromStr for CallerKey {
    type Err = NotAKey;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A name has no underscore; the random part may have some.
        let named = text.strip_prefix(KEY_PREFIX).ok_or(NotAKey)?;
        let (name, secret) = named.split_once('_').ok_or(NotAKey)?;
        let bytes = from_base64url(secret).ok_or(NotAKey)?;
        match bytes.len() {
            SECRET_BYTES => Ok(Self {
                name: name.parse().map_err(|_| NotAKey)?,
                text: text.to_owned().into(),
            }),
            _ => Err(NotAKey),
        }
    }
}

impl fmt::Debug for CallerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerKey([REDACTED])")
    }
}

impl KeyHash {
    /// A hash as the table keeps it.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A hash that no key has.
    pub(crate) const OF_NO_KEY: Self = Self([0; 32]);

    /// Whether both are of one key; takes the same time wherever they differ.
    pub fn matches(&self, other: &KeyHash) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All bits set: the random part is full of underscores.
    const ONES: [u8; SECRET_BYTES] = [0xff; SECRET_BYTES];

    fn key() -> CallerKey {
        CallerKey::new("collector-1".parse().unwrap(), ONES)
    }

    #[test]
    fn a_key_names_its_caller_and_comes_back_from_its_text() {
        let (key, text) = (key(), key().expose().to_owned());
        assert_eq!(text, format!("m365tb_collector-1_{}8", "_".repeat(42)));
        let read: CallerKey = text.parse().unwrap();
        assert_eq!(read.name(), key.name());
        assert!(read.hash().matches(&key.hash()));
        assert_eq!(format!("{read:?}"), "CallerKey([REDACTED])");
    }

    #[test]
    fn the_same_bits_of_another_name_are_another_key() {
        let other = CallerKey::new("collector-2".parse().unwrap(), ONES);
        assert!(!other.hash().matches(&key().hash()));
    }

    #[test]
    fn a_text_names_its_caller_also_where_it_is_no_whole_key() {
        let text = key().expose().to_owned();
        let rows = [
            (text.clone(), Some("collector-1")),
            (text[..text.len() - 1].to_owned(), Some("collector-1")),
            (format!("{text}\n"), Some("collector-1")),
            ("m365tb_collector-1_".to_owned(), Some("collector-1")),
            ("m365tb_collector-1".to_owned(), None),
            (
                format!("m365tb_{}_x", "a".repeat(40)),
                Some(&*"a".repeat(40)),
            ),
            (format!("m365tb_{}_x", "a".repeat(41)), None),
            // Without its name: what comes first is random.
            (
                "m365tb_Zt8-QeR1mXbYw0KcV7hLsN2pDf6GaTj4xJo9W".to_owned(),
                None,
            ),
            ("m365tb_Ab3_x".to_owned(), None),
            ("m365tb__x".to_owned(), None),
            (text.replace("m365tb_", "M365TB_"), None),
            (format!(" {text}"), None),
            ("ghp_collector_AAAA".to_owned(), None),
            (String::new(), None),
        ];
        for (text, named) in rows {
            let found = CallerKey::claimed_name(&text);
            assert_eq!(found.as_ref().map(CallerName::as_str), named, "{text:?}");
        }
    }

    #[test]
    fn nothing_else_is_a_key() {
        let text = key().expose().to_owned();
        let refused = [
            String::new(),
            "m365tb_".to_owned(),
            "m365tb_collector-1_".to_owned(),
            text[..text.len() - 1].to_owned(),
            format!("{text}A"),
            format!("{text}="),
            format!(" {text}"),
            format!("{text}\n"),
            text.replace("m365tb_", "M365TB_"),
            text.replace("collector-1", "Collector"),
            text.replace("collector-1", ""),
            text.replace("_8", "_9"), // another spelling of the same bits
            text.replace("_8", "+8"),
        ];
        for text in refused {
            assert!(text.parse::<CallerKey>().is_err(), "{text:?}");
        }
    }
}
