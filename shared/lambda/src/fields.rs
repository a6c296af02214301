//! Form fields and query parameters (application/x-www-form-urlencoded), read
//! strictly: what is not UTF-8 or too long is refused, and a field that is asked for
//! must not come twice (RFC 6749 §3.1 and §3.2).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::media_type::Received;

/// The longest form that is read, in bytes: the largest caller's token has 16 KB.
const FORM_MAX_BYTES: usize = 64 * 1024;
/// How many fields are read.
const FIELDS_MAX: usize = 64;

/// Why the fields cannot be used. Names a field, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Too much text or too many fields.
    #[error("too many or too long parameters")]
    TooLong,
    /// Not UTF-8.
    #[error("a parameter is not UTF-8")]
    NotUtf8,
    /// A parameter came more than once.
    #[error("parameter {0} came more than once")]
    Doubled(&'static str),
    /// A parameter is missing.
    #[error("parameter {0} is missing")]
    Missing(&'static str),
    /// A parameter is longer than it can be.
    #[error("parameter {0} is too long")]
    FieldTooLong(&'static str),
    /// The body is something else.
    #[error("the body must be a form (application/x-www-form-urlencoded), and {0} was received")]
    NotAForm(Received),
}

/// Decoded fields, in their order.
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a form's body or a query string.
    pub fn parse(text: &[u8]) -> Result<Self, FieldError> {
        if text.len() > FORM_MAX_BYTES {
            return Err(FieldError::TooLong);
        }
        let text = std::str::from_utf8(text).map_err(|_| FieldError::NotUtf8)?;
        let pairs: Vec<&str> = text.split('&').filter(|pair| !pair.is_empty()).collect();
        if pairs.len() > FIELDS_MAX {
            return Err(FieldError::TooLong);
        }
        pairs
            .into_iter()
            .map(pair)
            .collect::<Result<_, _>>()
            .map(Fields)
    }

    /// Of pairs that are decoded: the members of a JSON object that is read as a form is.
    pub fn of(pairs: impl Iterator<Item = (&'static str, String)>) -> Self {
        Self(
            pairs
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// Every value, whatever its field.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.as_str())
    }

    /// The value of a field of at most `max` bytes; an empty one counts as missing.
    pub fn optional(&self, name: &'static str, max: usize) -> Result<Option<&str>, FieldError> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        let first = values.next().map(|(_, value)| value.as_str());
        if values.next().is_some() {
            return Err(FieldError::Doubled(name));
        }
        match first.filter(|value| !value.is_empty()) {
            Some(value) if value.len() > max => Err(FieldError::FieldTooLong(name)),
            value => Ok(value),
        }
    }

    /// As [`optional`](Self::optional), and it must be there.
    pub fn required(&self, name: &'static str, max: usize) -> Result<&str, FieldError> {
        self.optional(name, max)?.ok_or(FieldError::Missing(name))
    }
}

fn pair(text: &str) -> Result<(String, String), FieldError> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    Ok((decode(name)?, decode(value)?))
}

fn decode(text: &str) -> Result<String, FieldError> {
    let spaced = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(|decoded| decoded.into_owned())
        .map_err(|_| FieldError::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_names_and_values() {
        let fields = Fields::parse(b"scope=https%3A%2F%2Fa%2F.default&x=a+b&flag").unwrap();
        assert_eq!(fields.required("scope", 99), Ok("https://a/.default"));
        assert_eq!(fields.required("x", 99), Ok("a b"));
        assert_eq!(fields.optional("flag", 99), Ok(None));
    }

    #[test]
    fn refuses_what_cannot_be_one_value() {
        let fields = Fields::parse(b"a=1&a=2&b=12345").unwrap();
        assert_eq!(fields.required("a", 9), Err(FieldError::Doubled("a")));
        assert_eq!(fields.required("b", 4), Err(FieldError::FieldTooLong("b")));
        assert_eq!(fields.required("c", 9), Err(FieldError::Missing("c")));
        for text in [&b"a=%ff"[..], b"a=\xff", b"%C3%28=1"] {
            assert_eq!(Fields::parse(text).err(), Some(FieldError::NotUtf8));
        }
        let long = vec![b'a'; FORM_MAX_BYTES + 1];
        assert_eq!(Fields::parse(&long).err(), Some(FieldError::TooLong));
        let many = "a=1&".repeat(FIELDS_MAX + 1);
        assert_eq!(
            Fields::parse(many.as_bytes()).err(),
            Some(FieldError::TooLong)
        );
    }
}
