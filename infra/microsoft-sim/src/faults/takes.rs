//! What the value of a fault must be.

use serde_json::Value;

use crate::activity::errors::AfError;

/// What a kind's value must be.
pub(super) enum Takes {
    Nothing,
    /// A number in this range, or null for the default.
    Number(i64, i64),
    /// A number that must be given.
    RequiredNumber(i64, i64),
    /// One of these numbers, or null for the first.
    OneOf(&'static [u64]),
    /// A text, or null.
    Text,
    RequiredText,
    /// One of these texts, or null.
    OneOfTexts(&'static [&'static str]),
    /// One of these texts, or an address.
    TextOrAddress(&'static [&'static str]),
    /// A code of the Activity API.
    AfCode,
}

impl Takes {
    /// The error is what the value must be.
    pub(super) fn check(&self, value: &Value) -> Result<(), String> {
        let number_in =
            |low: i64, high: i64| value.as_i64().is_some_and(|n| (low..=high).contains(&n));
        let (suits, needs) = match self {
            Self::Nothing => (value.is_null(), "null".to_owned()),
            Self::Number(low, high) => (
                value.is_null() || number_in(*low, *high),
                format!("null or a number from {low} to {high}"),
            ),
            Self::RequiredNumber(low, high) => (
                number_in(*low, *high),
                format!("a number from {low} to {high}"),
            ),
            Self::OneOf(numbers) => (
                value.is_null() || value.as_u64().is_some_and(|n| numbers.contains(&n)),
                format!("null or one of {numbers:?}"),
            ),
            Self::Text => (
                value.is_null() || value.is_string(),
                "null or a text".to_owned(),
            ),
            Self::RequiredText => (value.is_string(), "a text".to_owned()),
            Self::OneOfTexts(texts) => (
                value.is_null() || value.as_str().is_some_and(|text| texts.contains(&text)),
                format!("null or one of {texts:?}"),
            ),
            Self::TextOrAddress(texts) => (
                value.as_str().is_some_and(|text| {
                    texts.contains(&text) || url::Url::parse(text).is_ok_and(|url| url.has_host())
                }),
                format!("an address or one of {texts:?}"),
            ),
            Self::AfCode => (
                value
                    .as_str()
                    .is_some_and(|code| AfError::find(code).is_some()),
                "a code of the Activity API, for instance AF50000".to_owned(),
            ),
        };
        if suits { Ok(()) } else { Err(needs) }
    }
}
