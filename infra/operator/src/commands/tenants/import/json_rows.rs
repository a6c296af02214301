//! Rows in JSON: an array of objects. A field that an object has twice is reported,
//! where a map would keep the last one in silence.

use std::fmt;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::rows::{Check, Fields, Position};
use crate::output::unread_json;

/// An entry of the array.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Object(Object),
    Other(IgnoredAny),
}

/// An object with its fields in their order.
struct Object(Vec<(String, Value)>);

/// Hands all rows of `text` over.
pub(super) fn read(text: &str, check: &mut Check) {
    if text.trim().is_empty() {
        return check.problem_of_the_file("it is empty; wanted is a JSON array of objects");
    }
    let entries: Vec<Entry> = match serde_json::from_str(text) {
        Ok(entries) => entries,
        Err(error) => {
            let error = unread_json(&error);
            return check.problem_of_the_file(format!("it is no JSON array of objects: {error}"));
        }
    };
    for (index, entry) in entries.iter().enumerate() {
        let at = Position::Entry(index + 1);
        check.count_row();
        match entry {
            Entry::Object(object) => row(at, object, check),
            Entry::Other(_) => check.problem(at, "is no object"),
        }
    }
}

fn row(at: Position, object: &Object, check: &mut Check) {
    const HINT: &str = "; the fields are tenant_id, customer and, where wanted, cloud";
    let mut fields = Fields::new();
    let mut before = Vec::new();
    let mut taken = true;
    for (name, value) in &object.0 {
        let Some(field) = check.field(at, name, &before, HINT) else {
            continue;
        };
        before.push(Some(field));
        match value {
            Value::String(text) => {
                fields.insert(field, text.as_str());
            }
            Value::Null => {}
            _ => {
                check.problem(at, format_args!("{name} is no text"));
                taken = false;
            }
        }
    }
    if taken {
        check.row(at, &fields);
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}
