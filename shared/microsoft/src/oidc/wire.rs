//! Numbers as they come over the wire: Entra ID's v1 endpoint writes them as strings,
//! the v2 endpoint as numbers, and others with a fraction (reference §3.2).

use std::fmt;

use auth::secret::SecretString;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A whole number of seconds, read from a number, a fraction or a string of either.
/// Anything that is not one, or is out of range, reads as absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seconds(pub(crate) Option<i64>);

struct SecondsVisitor;

impl<'de> Visitor<'de> for SecondsVisitor {
    type Value = Seconds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Seconds, E> {
        Ok(Seconds(Some(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Seconds, E> {
        Ok(Seconds(i64::try_from(value).ok()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Seconds, E> {
        let in_range = value.is_finite() && value.abs() < 9e15;
        Ok(Seconds(in_range.then_some(value as i64)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Seconds, E> {
        let text = value.trim();
        match text.parse::<i64>() {
            Ok(seconds) => Ok(Seconds(Some(seconds))),
            Err(_) => match text.parse::<f64>() {
                Ok(seconds) => self.visit_f64(seconds),
                Err(_) => Ok(Seconds(None)),
            },
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Seconds, E> {
        Ok(Seconds(None))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Seconds, E> {
        Ok(Seconds(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Seconds, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Seconds(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut values: A) -> Result<Seconds, A::Error> {
        while values.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Seconds(None))
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecondsVisitor)
    }
}

/// A secret that only some answers need: one that is no text reads as absent, so that
/// it does not spoil the rest.
pub(crate) fn optional_secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretString>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum TextOrNot {
        Text(SecretString),
        Not(IgnoredAny),
    }
    Ok(match TextOrNot::deserialize(deserializer)? {
        TextOrNot::Text(text) => Some(text),
        TextOrNot::Not(_) => None,
    })
}

/// A list of texts; anything else reads as absent.
pub(crate) fn list_or_none<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum ListOrNot {
        List(Vec<String>),
        Not(IgnoredAny),
    }
    Ok(match ListOrNot::deserialize(deserializer)? {
        ListOrNot::List(list) => Some(list),
        ListOrNot::Not(_) => None,
    })
}

/// A list that may come as one value: audiences of a JWT (RFC 7519 §4.1.3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    /// A list.
    Many(Vec<String>),
    /// One value.
    One(String),
    /// Nothing that we understand.
    #[default]
    None,
}

impl OneOrMany {
    pub(crate) fn contains(&self, value: &str) -> bool {
        match self {
            OneOrMany::Many(values) => values.iter().any(|one| one == value),
            OneOrMany::One(one) => one == value,
            OneOrMany::None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_seconds_in_every_form_that_is_seen() {
        let rows = [
            ("3599", Some(3599)),
            ("\"3599\"", Some(3599)),
            ("3599.75", Some(3599)),
            ("\"1438290275.5\"", Some(1_438_290_275)),
            ("-1", Some(-1)),
            ("0", Some(0)),
            ("null", None),
            ("\"soon\"", None),
            ("true", None),
            ("1e300", None),
            ("18446744073709551615", None),
            ("[1, [2]]", None),
            (r#"{"seconds": {"of": 3}}"#, None),
        ];
        for (json, expected) in rows {
            let seconds: Seconds = serde_json::from_str(json).unwrap();
            assert_eq!(seconds.0, expected, "{json}");
        }
    }
}
