//! Tags: labels that the operator puts on a tenant, for policies and lists. They are
//! copied into its token records, so that a vend knows them from its one read; what a
//! record weighs is what a renewal costs, which is why tags are few and short.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::text::{InvalidName, name};

/// The tags of a tenant: value by key.
pub type Tags = BTreeMap<String, String>;

/// How many tags a tenant has, at most.
pub const TAGS_MAX: usize = 20;
/// The longest key, in characters.
const KEY_MAX: usize = 40;
/// The longest value, in characters.
const VALUE_MAX: usize = 100;

/// The key of a tag: `[a-z0-9_-]`, 1 to 40 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagKey(String);

/// One tag, written `key=value`. The value is a name of at most 100 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    key: TagKey,
    value: String,
}

/// Why a text is no tag, or no key of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTag {
    /// There is no `=` in it.
    #[error("not a tag: write key=value")]
    NoValue,
    /// The part before `=`, or the key alone.
    #[error("not a tag's key: 1 to 40 of a-z, 0-9, _ and -")]
    Key,
    /// The part behind `=`.
    #[error("not a tag's value: {0}")]
    Value(InvalidName),
}

/// Tags that are looked for, written `key` or `key=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagFilter {
    /// Those with this key, whatever the value.
    Key(TagKey),
    /// This one.
    Tag(Tag),
}

/// What is to become of a tenant's tags: some are set, some removed, the others stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagChange {
    set: Vec<Tag>,
    remove: Vec<TagKey>,
}

/// The change says two things of one key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("tag {0} is named twice: set or remove it once")]
pub struct NamedTwice(pub TagKey);

/// The tenant would have more tags than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tenant has at most {TAGS_MAX} tags")]
pub struct TooManyTags;

impl TagChange {
    /// A change that names each key once.
    pub fn new(set: Vec<Tag>, remove: Vec<TagKey>) -> Result<Self, NamedTwice> {
        let mut named = BTreeSet::new();
        let keys = set.iter().map(|tag| &tag.key).chain(&remove);
        for key in keys {
            if !named.insert(key) {
                return Err(NamedTwice(key.clone()));
            }
        }
        Ok(Self { set, remove })
    }

    /// The tags after the change.
    pub(super) fn applied(&self, tags: &Tags) -> Tags {
        let mut tags = tags.clone();
        for key in &self.remove {
            tags.remove(&key.0);
        }
        for tag in &self.set {
            tags.insert(tag.key.0.clone(), tag.value.clone());
        }
        tags
    }
}

impl FromStr for TagKey {
    type Err = InvalidTag;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let allowed = |byte: u8| plain(byte) || byte == b'_' || byte == b'-';
        match (1..=KEY_MAX).contains(&text.len()) && text.bytes().all(allowed) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidTag::Key),
        }
    }
}

impl fmt::Display for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Tag {
    type Err = InvalidTag;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, value) = text.split_once('=').ok_or(InvalidTag::NoValue)?;
        let key = key.parse()?;
        let value = name(value, VALUE_MAX).map_err(InvalidTag::Value)?;
        Ok(Self { key, value })
    }
}

impl TagFilter {
    /// One of `tags` is looked for.
    pub fn fits(&self, tags: &Tags) -> bool {
        match self {
            Self::Key(key) => tags.contains_key(&key.0),
            Self::Tag(tag) => tags.get(&tag.key.0) == Some(&tag.value),
        }
    }
}

impl FromStr for TagFilter {
    type Err = InvalidTag;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.contains('=') {
            true => text.parse().map(Self::Tag),
            false => text.parse().map(Self::Key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_plain_key_and_a_short_printable_value() {
        let long = "é".repeat(VALUE_MAX);
        for (text, value) in [
            ("team=red".to_owned(), "red"),
            ("a_b-1=x=y, ✓".to_owned(), "x=y, ✓"),
            ("team= cafe\u{301} ".to_owned(), "café"),
            (format!("{}={long}", "k".repeat(KEY_MAX)), &long),
        ] {
            assert_eq!(text.parse::<Tag>().unwrap().value, value);
        }
        let rows = [
            ("team".to_owned(), InvalidTag::NoValue),
            ("=red".to_owned(), InvalidTag::Key),
            ("Team=red".to_owned(), InvalidTag::Key),
            ("te am=red".to_owned(), InvalidTag::Key),
            (format!("{}=v", "k".repeat(KEY_MAX + 1)), InvalidTag::Key),
            ("team=".to_owned(), InvalidTag::Value(InvalidName::Empty)),
            (
                "team=a\nb".to_owned(),
                InvalidTag::Value(InvalidName::Character {
                    character: '\n',
                    position: 2,
                }),
            ),
            (
                format!("team={long}x"),
                InvalidTag::Value(InvalidName::TooLong {
                    length: VALUE_MAX + 1,
                    longest: VALUE_MAX,
                }),
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse::<Tag>(), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn a_filter_is_a_key_or_a_tag() {
        let tags = Tags::from([("team".to_owned(), "red".to_owned())]);
        let rows = [
            ("team", Ok(true)),
            ("team=red", Ok(true)),
            ("team=blue", Ok(false)),
            ("ring", Ok(false)),
            ("ring=red", Ok(false)),
            ("Team", Err(InvalidTag::Key)),
            ("", Err(InvalidTag::Key)),
            ("team=", Err(InvalidTag::Value(InvalidName::Empty))),
        ];
        for (text, expected) in rows {
            let fits = text.parse::<TagFilter>().map(|filter| filter.fits(&tags));
            assert_eq!(fits, expected, "{text:?}");
        }
    }

    #[test]
    fn a_change_sets_and_removes_and_leaves_the_rest() {
        let before = Tags::from([("a", "1"), ("b", "2")].map(|(k, v)| (k.into(), v.into())));
        let set = ["b=3", "c=4"].map(|tag| tag.parse().unwrap()).to_vec();
        let remove = ["a", "gone"].map(|key| key.parse().unwrap()).to_vec();
        let change = TagChange::new(set, remove).unwrap();
        let after = Tags::from([("b", "3"), ("c", "4")].map(|(k, v)| (k.into(), v.into())));
        assert_eq!(change.applied(&before), after);
    }

    #[test]
    fn a_change_that_contradicts_itself_is_none() {
        let tag = |text: &str| text.parse::<Tag>().unwrap();
        let key: TagKey = "a".parse().unwrap();
        let rows = [
            TagChange::new(vec![tag("a=1"), tag("a=2")], vec![]),
            TagChange::new(vec![tag("a=1")], vec![key.clone()]),
            TagChange::new(vec![], vec![key.clone(), key.clone()]),
        ];
        for change in rows {
            assert_eq!(change, Err(NamedTwice(key.clone())));
        }
    }
}
