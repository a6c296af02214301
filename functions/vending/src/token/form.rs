//! What a token request asks for, once it is well-formed.

use std::time::Duration;

use auth::protocol::TokenEndpoint;
use auth::vend::{DEFAULT_MIN_TTL, TokenDigest, Wanted};
use auth::{ResourceName, Timestamp};
use lambda::answer::ApiError;
use lambda::fields::Fields;
use lambda_http::http::StatusCode;

use super::{claims, resource};
use crate::refusal;

/// No app-only token lives longer: a caller that wants more can never be served.
const MIN_TTL_MAX_SECONDS: u64 = 24 * 60 * 60;

/// What a well-formed request for a token says of it. Whose token it is comes beside it.
pub(crate) struct Wish {
    pub(crate) resource: ResourceName,
    pub(crate) token: Wanted,
}

impl Wish {
    /// The fields that count, of the form of a token route.
    pub(super) fn read(
        form: &Fields,
        endpoint: TokenEndpoint,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let grant_type = form.required("grant_type", 100).map_err(refusal::field)?;
        if grant_type != "client_credentials" {
            return Err(ApiError::caller(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "grant_type must be client_credentials",
            ));
        }
        // Anything may be named here, as in Entra's own form; it only must not be odd.
        form.optional("client_id", 256).map_err(refusal::field)?;
        Ok(Self {
            resource: resource::named(form, endpoint)?,
            token: Wanted {
                min_ttl: min_ttl(form)?,
                rejected: rejected(form, "rejected")?,
                not_before: claims::not_before(form, now)?,
                until: None,
            },
        })
    }
}

pub(crate) fn min_ttl(form: &Fields) -> Result<Duration, ApiError> {
    let Some(text) = form.optional("min_ttl", 16).map_err(refusal::field)? else {
        return Ok(DEFAULT_MIN_TTL);
    };
    match text.parse::<u64>() {
        Ok(seconds) if seconds <= MIN_TTL_MAX_SECONDS => Ok(Duration::from_secs(seconds)),
        _ => Err(refusal::malformed(
            "min_ttl must be whole seconds, at most 86400",
        )),
    }
}

/// The SHA-256 of a token that the API refused, in hex, in the field of this name.
pub(crate) fn rejected(
    fields: &Fields,
    name: &'static str,
) -> Result<Option<TokenDigest>, ApiError> {
    let Some(text) = fields.optional(name, 64).map_err(refusal::field)? else {
        return Ok(None);
    };
    let digest = from_hex(text);
    digest.map(Some).ok_or_else(|| {
        let expected = "must be the SHA-256 of the refused token, 64 hex digits";
        refusal::malformed(&format!("{name} {expected}"))
    })
}

fn from_hex(text: &str) -> Option<TokenDigest> {
    let mut digest = TokenDigest::default();
    if text.len() != 2 * digest.len() || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        // Refuses a sign, which the parser below takes.
        if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_64_hex_digits_in_either_case() {
        let text = "00ff".repeat(16);
        let digest = from_hex(&text).unwrap();
        assert_eq!(digest[..4], [0, 255, 0, 255]);
        assert_eq!(from_hex(&text.to_uppercase()), Some(digest));
        for text in ["", "00", &"0".repeat(63), &"g".repeat(64), &"+1".repeat(32)] {
            assert_eq!(from_hex(text), None, "{text}");
        }
    }
}
