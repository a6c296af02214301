//! Claims of a token as policies see them: text under a name.
//!
//! A name that begins with `/` is a JSON Pointer (RFC 6901) into the claims; any other
//! is the name of a claim, to the letter, dots and colons included. The two cannot be
//! mistaken for each other: a claim whose own name begins with `/` is reached by its
//! pointer alone (`/~1name`).

use std::borrow::Cow;
use std::collections::BTreeSet;

use auth::caller::Claims;
use serde_json::Value;

/// The claims that are single values: text as it is, numbers and Booleans as JSON text.
pub(crate) fn texts<'a>(
    claims: &'a Claims,
    names: &'a BTreeSet<String>,
) -> Vec<(&'a str, Cow<'a, str>)> {
    names
        .iter()
        .filter_map(|name| Some((name.as_str(), text(find(claims, name)?)?)))
        .collect()
}

/// The claims that are lists, of their single values; a single value is a list of one.
pub(crate) fn lists<'a>(
    claims: &'a Claims,
    names: &'a BTreeSet<String>,
) -> Vec<(&'a str, Vec<Cow<'a, str>>)> {
    names
        .iter()
        .filter_map(|name| Some((name.as_str(), list(find(claims, name)?)?)))
        .collect()
}

fn list(value: &Value) -> Option<Vec<Cow<'_, str>>> {
    match value {
        Value::Array(items) => Some(items.iter().filter_map(text).collect()),
        single => text(single).map(|text| vec![text]),
    }
}

fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn find<'a>(Claims(claims): &'a Claims, name: &str) -> Option<&'a Value> {
    let Some(pointer) = name.strip_prefix('/') else {
        return claims.get(name);
    };
    let (first, rest) = match pointer.split_once('/') {
        Some((first, _)) => (first, &pointer[first.len()..]),
        None => (pointer, ""),
    };
    let first = first.replace("~1", "/").replace("~0", "~");
    claims.get(&first)?.pointer(rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        match value {
            Value::Object(map) => Claims(std::sync::Arc::new(map)),
            _ => unreachable!("an object"),
        }
    }

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn odd() -> Claims {
        claims(json!({
            "text": "a\"b\\c\u{0}ü",
            "whole": 42,
            "part": 1.5,
            "yes": true,
            "nothing": null,
            "groups": ["ops", 7, null, ["deep"], "ops"],
            "none": [],
            "kubernetes.io": {"namespace": "jobs", "pods": [{"name": "p"}], "a/b": "slash"},
            "/text": "begins with a slash",
            "a/b": "holds a slash",
            "": "no name",
        }))
    }

    #[test]
    fn single_values_are_text() {
        let rows = [
            ("text", Some("a\"b\\c\u{0}ü")),
            ("whole", Some("42")),
            ("part", Some("1.5")),
            ("yes", Some("true")),
            ("a/b", Some("holds a slash")),
            ("", Some("no name")),
            ("/text", Some("a\"b\\c\u{0}ü")),
            ("/~1text", Some("begins with a slash")),
            ("/kubernetes.io/namespace", Some("jobs")),
            ("/kubernetes.io/a~1b", Some("slash")),
            ("/kubernetes.io/pods/0/name", Some("p")),
            ("nothing", None),
            ("groups", None),
            ("none", None),
            ("kubernetes.io", None),
            ("kubernetes.io/namespace", None),
            ("absent", None),
            ("/absent/at/all", None),
            ("/", Some("no name")),
        ];
        let claims = odd();
        for (name, expected) in rows {
            let names = names(&[name]);
            let found = texts(&claims, &names);
            assert_eq!(
                found.first().map(|(_, text)| text.as_ref()),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn lists_hold_their_single_values_and_a_single_value_is_a_list_of_one() {
        let rows: [(&str, Option<&[&str]>); 7] = [
            ("groups", Some(&["ops", "7", "ops"])),
            ("none", Some(&[])),
            ("whole", Some(&["42"])),
            ("/kubernetes.io/namespace", Some(&["jobs"])),
            ("nothing", None),
            ("kubernetes.io", None),
            ("absent", None),
        ];
        let claims = odd();
        for (name, expected) in rows {
            let names = names(&[name]);
            let found = lists(&claims, &names);
            let found = found.first().map(|(_, items)| items.as_slice());
            let expected: Option<Vec<Cow<'_, str>>> =
                expected.map(|items| items.iter().map(|item| Cow::Borrowed(*item)).collect());
            assert_eq!(found, expected.as_deref(), "{name}");
        }
    }
}
