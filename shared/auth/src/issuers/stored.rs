//! The stored list of issuers: its text, with a version that every change counts up and its
//! SHA-256, as a policy text has them.

use crate::caller::{
    AllowedIssuer, InvalidIssuer, InvalidIssuers, IssuerEntry, allowed_issuers, stored_entries,
};
use crate::digest::sha256;
use crate::encoding::hex;
use crate::timestamp::Timestamp;

/// A list of issuers as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredIssuers {
    /// The entries: a JSON list.
    pub text: String,
    /// 1 for the first list that was ever put, then one more with each.
    pub version: u64,
    /// SHA-256 of the text in hexadecimal, computed by the writer. A list with another digest is
    /// not taken.
    pub digest: String,
    /// When it was put.
    pub put_at: Timestamp,
}

impl StoredIssuers {
    /// The list to put in the place of `before`; the first one where there is none.
    pub fn following(
        before: Option<&StoredIssuers>,
        entries: &[IssuerEntry],
        put_at: Timestamp,
    ) -> Self {
        let mut entries = entries.to_vec();
        entries.sort_by(|one, other| one.issuer.cmp(&other.issuer));
        let text = serde_json::Value::from_iter(entries.iter().map(json)).to_string();
        Self {
            version: before.map_or(0, |before| before.version) + 1,
            digest: digest_of(&text),
            text,
            put_at,
        }
    }

    /// The entries, with what a later version has added to them. Fails where the text is not the
    /// one that was stored.
    pub fn entries(&self) -> Result<Vec<IssuerEntry>, InvalidIssuers> {
        // Fails closed because an entry says whose word is taken.
        if digest_of(&self.text) != self.digest {
            return Err(InvalidIssuers(vec![InvalidIssuer::NotItsDigest]));
        }
        stored_entries(&self.text)
    }

    /// The issuers, each checked again by the rules of this version.
    pub fn allowed(&self) -> Result<Vec<AllowedIssuer>, InvalidIssuers> {
        allowed_issuers(&self.entries()?)
    }
}

/// Texts, a flag and JSON that was read: there is nothing in it that cannot be written.
fn json(entry: &IssuerEntry) -> serde_json::Value {
    serde_json::to_value(entry).unwrap_or_default()
}

fn digest_of(text: &str) -> String {
    hex(&sha256(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> IssuerEntry {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn versions_count_from_one_and_the_text_is_one_for_one_list() {
        let at = Timestamp::from_unix(5);
        let a = entry(r#"{"issuer":"https://a.example","audience":"broker"}"#);
        let b = entry(r#"{"private":true,"audience":"broker","issuer":"https://b.example"}"#);
        let first = StoredIssuers::following(None, &[b.clone(), a.clone()], at);
        let again = StoredIssuers::following(Some(&first), &[a.clone(), b.clone()], at);
        assert_eq!((first.version, again.version), (1, 2));
        assert_eq!((&first.text, &first.digest), (&again.text, &again.digest));
        assert_eq!(first.entries(), Ok(vec![a.clone(), b]));
        let less = StoredIssuers::following(Some(&first), &[a], at);
        assert_ne!(less.digest, first.digest);
    }

    #[test]
    fn a_list_is_taken_as_it_was_stored_or_not_at_all() {
        let at = Timestamp::from_unix(5);
        let good = entry(r#"{"issuer":"https://a.example","audience":"broker"}"#);
        let stored = StoredIssuers::following(None, &[good], at);
        assert_eq!(stored.allowed().map(|list| list.len()), Ok(1));
        let texts = [
            String::new(),
            "[]".to_owned(),
            stored.text.replace("a.example", "b.example"),
            stored.text.replace("false", "true"),
            format!("{} ", stored.text),
        ];
        for text in texts {
            let changed = StoredIssuers {
                text,
                ..stored.clone()
            };
            let expected = InvalidIssuers(vec![InvalidIssuer::NotItsDigest]);
            assert_eq!(changed.allowed(), Err(expected), "{}", changed.text);
        }
    }

    #[test]
    fn what_a_later_version_added_to_an_entry_stays() {
        let at = Timestamp::from_unix(5);
        let text = r#"{"issuer":"https://a.example","audience":"b","algorithms":["ES256"]}"#;
        let stored = StoredIssuers::following(None, &[entry(text)], at);
        assert!(stored.allowed().is_ok());
        let next = StoredIssuers::following(Some(&stored), &stored.entries().unwrap(), at);
        assert!(
            next.text.contains(r#""algorithms":["ES256"]"#),
            "{}",
            next.text
        );
    }
}
