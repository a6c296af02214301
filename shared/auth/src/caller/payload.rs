//! The payload of a token: a JSON object in which each name stands once, at every depth.
//! RFC 7519 §4 lets a reader refuse names that stand twice. We do, because two readers
//! could take different ones: what is checked would not be what is decided.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The payload of a token. `Debug` shows the names of its members alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload(Map<String, Value>);

impl Payload {
    /// The member called `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Its members.
    pub fn into_members(self) -> Map<String, Value> {
        self.0
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A map has each name once.
impl From<Map<String, Value>> for Payload {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Once::deserialize(deserializer)? {
            Once(Value::Object(members)) => Ok(Self(members)),
            Once(_) => Err(D::Error::custom("not a JSON object")),
        }
    }
}

/// A value in which each name stands once. The parser bounds its depth.
struct Once(Value);

struct OnceVisitor;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor).map(Once)
    }
}

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Once(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Once(value))) = members.next_entry::<String, Once>()? {
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_an_object_with_each_name_once() {
        let taken = [
            "{}",
            r#"{"a": 1, "A": 2}"#,
            r#"{"a": {"b": 1}, "b": {"a": 1}}"#,
            r#"{"a": [{"b": 1}, {"b": 2}]}"#,
            r#"{"a": null, "b": -1, "c": 1.5, "d": true, "e": "ü\u0000", "f": 18446744073709551615}"#,
        ];
        for text in taken {
            let payload: Payload = serde_json::from_str(text).unwrap();
            let plain: Map<String, Value> = serde_json::from_str(text).unwrap();
            assert_eq!(payload.into_members(), plain, "{text}");
        }
        let refused = [
            "",
            "[]",
            "1",
            "null",
            "\"{}\"",
            "{} {}",
            r#"{"a": 1, "a": 1}"#,
            r#"{"sub": "one", "sub": "other"}"#,
            r#"{"sub": "one", "s\u0075b": "other"}"#,
            r#"{"a": {"b": 1, "b": 2}}"#,
            r#"{"a": [[{"b": 1, "b": 2}]]}"#,
            r#"{"": 1, "": 2}"#,
        ];
        for text in refused {
            assert!(serde_json::from_str::<Payload>(text).is_err(), "{text}");
        }
        let deep = format!("{}1{}", r#"{"a":"#.repeat(500), "}".repeat(500));
        assert!(serde_json::from_str::<Payload>(&deep).is_err());
    }
}
