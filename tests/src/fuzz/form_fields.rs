//! Form fields and query parameters: read as a naive reader reads them, byte by byte.

use lambda::fields::{FieldError, Fields};

const NAMES: [&str; 7] = ["", "a", "b", "a b", "state", "code", "client_assertion"];
/// The longest value that is asked for.
const MAX: usize = 64;
/// As `lambda::fields` documents them.
const FORM_MAX_BYTES: usize = 64 * 1024;
const FIELDS_MAX: usize = 64;

type Pairs = Vec<(String, String)>;

/// Each name has the value that the naive reader finds, or the same refusal.
pub(super) fn form_fields(data: &[u8]) {
    match (Fields::parse(data), naive(data)) {
        (Err(error), Err(expected)) => assert_eq!(error, expected),
        (Ok(fields), Ok(pairs)) => {
            for name in NAMES {
                assert_eq!(fields.optional(name, MAX), value(&pairs, name), "{name}");
                let required = fields.required(name, MAX);
                let expected = value(&pairs, name);
                let expected = expected.and_then(|value| value.ok_or(FieldError::Missing(name)));
                assert_eq!(required, expected, "{name}");
            }
        }
        (fields, expected) => panic!("{:?} {:?}", fields.err(), expected.err()),
    }
}

fn naive(data: &[u8]) -> Result<Pairs, FieldError> {
    if data.len() > FORM_MAX_BYTES {
        return Err(FieldError::TooLong);
    }
    if std::str::from_utf8(data).is_err() {
        return Err(FieldError::NotUtf8);
    }
    let pairs = data.split(|byte| *byte == b'&');
    let pairs: Vec<&[u8]> = pairs.filter(|pair| !pair.is_empty()).collect();
    if pairs.len() > FIELDS_MAX {
        return Err(FieldError::TooLong);
    }
    let both = |pair: &&[u8]| {
        let equals = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = match equals {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (*pair, &[][..]),
        };
        Some((decoded(name)?, decoded(value)?))
    };
    let pairs: Option<Pairs> = pairs.iter().map(both).collect();
    pairs.ok_or(FieldError::NotUtf8)
}

fn decoded(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let hex = text.get(at + 1..at + 3).and_then(hex);
        match (text[at], hex) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                at += 2;
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(byte),
        }
        at += 1;
    }
    String::from_utf8(bytes).ok()
}

fn hex(digits: &[u8]) -> Option<u8> {
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn value<'p>(pairs: &'p Pairs, name: &'static str) -> Result<Option<&'p str>, FieldError> {
    let found: Vec<&String> = pairs
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value)
        .collect();
    match found.as_slice() {
        [] => Ok(None),
        [value] if value.is_empty() => Ok(None),
        [value] if value.len() > MAX => Err(FieldError::FieldTooLong(name)),
        [value] => Ok(Some(value)),
        _ => Err(FieldError::Doubled(name)),
    }
}
