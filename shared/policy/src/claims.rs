//! Claims of a token as policies see them: text under a name.
//!
//! A name that begins with `/` is a JSON Pointer (RFC 6901) into the claims; any other
//! is the name of a claim, to the letter, dots and colons included. The two cannot be
//! mistaken for each other: a claim whose own name begins with `/` is reached by its
//! pointer alone (`/~1name`). Issuer, subject, audience and times are claims as any other.

use std::borrow::Cow;
use std::collections::BTreeSet;

use auth::caller::Workload;
use serde_json::Value;

/// The claims that are single values: text as it is, numbers and Booleans as JSON text.
pub(crate) fn texts<'a>(
    workload: &'a Workload,
    names: &'a BTreeSet<String>,
) -> Vec<(&'a str, Cow<'a, str>)> {
    names
        .iter()
        .filter_map(|name| Some((name.as_str(), text(find(workload, name)?)?)))
        .collect()
}

/// The claims that are lists, of their single values; a single value is a list of one.
pub(crate) fn lists<'a>(
    workload: &'a Workload,
    names: &'a BTreeSet<String>,
) -> Vec<(&'a str, Vec<Cow<'a, str>>)> {
    names
        .iter()
        .filter_map(|name| Some((name.as_str(), list(find(workload, name)?)?)))
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

fn find<'a>(workload: &'a Workload, name: &str) -> Option<&'a Value> {
    let claim = workload.claim(&claim_of(name));
    match name.strip_prefix('/').and_then(|path| path.split_once('/')) {
        Some((first, _)) => claim?.pointer(&name[1 + first.len()..]),
        None => claim,
    }
}

/// The claim of the payload in which a name is looked for.
pub(crate) fn claim_of(name: &str) -> Cow<'_, str> {
    let Some(path) = name.strip_prefix('/') else {
        return Cow::Borrowed(name);
    };
    let first = path.split('/').next().unwrap_or_default();
    if first.contains('~') {
        Cow::Owned(first.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(first)
    }
}

/// Whether a name can be a claim's: a pointer escapes `~` as `~0` and `/` as `~1`, and has no
/// other `~` (RFC 6901 §3).
pub(crate) fn is_name(name: &str) -> bool {
    let mut escapes = name.split('~').skip(1);
    !name.starts_with('/') || escapes.all(|rest| rest.starts_with(['0', '1']))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(mut value: Value) -> Workload {
        value["iss"] = json!("https://issuer.example");
        value["sub"] = json!("subject");
        match value {
            Value::Object(map) => Workload::from_payload(map.into()).unwrap(),
            _ => unreachable!("an object"),
        }
    }

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn odd() -> Workload {
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
            ("iss", Some("https://issuer.example")),
            ("/sub", Some("subject")),
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

    #[test]
    fn a_name_says_in_which_claim_it_is_looked_for() {
        let rows = [
            ("sub", "sub", true),
            ("a~b", "a~b", true),
            ("kubernetes.io/namespace", "kubernetes.io/namespace", true),
            ("/kubernetes.io/namespace", "kubernetes.io", true),
            ("/a~1b/c", "a/b", true),
            ("/a~0b", "a~b", true),
            ("/~01", "~1", true),
            ("/", "", true),
            ("/a~2b", "a~2b", false),
            ("/a~", "a~", false),
            ("/a/b~", "a", false),
            ("/a/~~0", "a", false),
        ];
        for (name, claim, is_one) in rows {
            assert_eq!(
                (claim_of(name).as_ref(), is_name(name)),
                (claim, is_one),
                "{name}"
            );
        }
    }
}
