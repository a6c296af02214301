//! `claims`: how SDKs hand on that the API refused a token (continuous access evaluation).
//! A claims request as OpenID Connect Core 1.0 §5.5 has it; what counts is
//! `access_token.nbf.value`, the time before which the API takes no token. Capabilities of
//! the client (`xms_cc`) and every other claim change nothing: the tokens are the same for
//! every caller.
//!
//! A text that cannot be read is refused: its sender would be handed the refused token
//! again, without a word of why.

use std::time::Duration;

use auth::Timestamp;
use lambda::answer::ApiError;
use lambda::fields::Fields;
use serde_json::Value;

use crate::refusal;

/// The longest text, in bytes: a challenge and a client's capabilities have a few hundred.
const CLAIMS_MAX: usize = 4 * 1024;
/// How far the API's clock may be ahead of ours: what is later is no time in seconds.
const AHEAD_MAX: Duration = Duration::from_secs(300);

/// The time before which the API takes no token, if the request names one.
pub(crate) fn not_before(fields: &Fields, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
    let text = fields.optional("claims", CLAIMS_MAX);
    let Some(text) = text.map_err(refusal::field)? else {
        return Ok(None);
    };
    let Some(value) = requested(text).ok_or_else(unreadable)? else {
        return Ok(None);
    };
    let time = seconds(&value).filter(|time| *time <= now + AHEAD_MAX);
    time.map(Some).ok_or_else(no_time)
}

/// The value of `access_token.nbf`: of all that is asked for the one thing that counts. A
/// member that is not there or `null` asks for nothing. `None`: no claims request.
fn requested(text: &str) -> Option<Option<Value>> {
    let mut members = serde_json::from_str(text).ok()?;
    for name in ["access_token", "nbf"] {
        let Value::Object(mut object) = members else {
            return None;
        };
        members = match object.remove(name) {
            None | Some(Value::Null) => return Some(None),
            Some(inner) => inner,
        };
    }
    let value = members.as_object()?.get("value");
    Some(value.filter(|value| !value.is_null()).cloned())
}

/// Microsoft's APIs write digits in a string.
fn seconds(value: &Value) -> Option<Timestamp> {
    let unix = match value {
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        Value::Number(number) => number.as_u64(),
        _ => None,
    };
    let unix: Option<i64> = unix.and_then(|unix: u64| unix.try_into().ok());
    unix.map(Timestamp::from_unix)
}

fn unreadable() -> ApiError {
    refusal::malformed(
        "claims must be the JSON object of the API's challenge, no longer in base64: \
         {\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1700000000\"}}}",
    )
}

fn no_time() -> ApiError {
    refusal::malformed(
        "claims: the value of nbf must be a time that has passed, in whole seconds since 1970, \
         such as \"1700000000\"",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn read(claims: &str) -> Result<Option<i64>, String> {
        let pairs = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("claims", claims)
            .finish();
        let fields = Fields::parse(pairs.as_bytes()).unwrap();
        let read = not_before(&fields, Timestamp::from_unix(NOW));
        let unix = |time: Option<Timestamp>| time.map(Timestamp::unix);
        read.map(unix).map_err(|error| error.description)
    }

    #[test]
    fn the_time_of_the_apis_challenge_is_read_beside_anything_else() {
        let rows = [
            (
                r#"{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}"#,
                1_700_000_000,
            ),
            (
                r#"{"access_token": {"nbf": {"value": 1700000000}}}"#,
                1_700_000_000,
            ),
            (
                r#"{"access_token":{"nbf":{"essential":false,"value":"0"}}}"#,
                0,
            ),
            (
                r#"{"access_token":{"nbf":{"essential":true,"value":"1700000000"},"xms_cc":{"values":["CP1"]}}}"#,
                1_700_000_000,
            ),
            (
                r#"{"access_token":{"nbf":{"essential":true,"value":"1800000000"},"xms_rp_ipaddr":{"value":"203.0.113.7"},"xms_caeerror":{"value":"10012"}}}"#,
                NOW,
            ),
            (
                r#"{"id_token":{"auth_time":{"essential":true}},"access_token":{"nbf":{"value":"7"}}}"#,
                7,
            ),
            (
                r#"{"access_token":{"nbf":{"value":"1800000300"}}}"#,
                NOW + 300,
            ),
        ];
        for (claims, expected) in rows {
            assert_eq!(read(claims), Ok(Some(expected)), "{claims}");
        }
    }

    #[test]
    fn what_names_no_time_changes_nothing() {
        let rows = [
            "",
            "{}",
            r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#,
            r#"{"access_token":{"xms_cc":{"values":["cp1","protapp"]}},"id_token":{}}"#,
            r#"{"access_token":null}"#,
            r#"{"access_token":{}}"#,
            r#"{"access_token":{"nbf":null}}"#,
            r#"{"access_token":{"nbf":{"essential":true}}}"#,
            r#"{"access_token":{"nbf":{"essential":true,"value":null}}}"#,
            r#"{"access_token":{"acrs":{"essential":true,"value":"cp1"}}}"#,
            r#"{"userinfo":{"given_name":{"essential":true}},"nbf":{"value":"1799999999"}}"#,
        ];
        for claims in rows {
            assert_eq!(read(claims), Ok(None), "{claims}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_what_is_expected() {
        let (long, deep) = (" ".repeat(4_097), "[".repeat(1_000));
        let rows = [
            ("nbf", "JSON object"),
            ("[]", "JSON object"),
            ("\"x\"", "JSON object"),
            ("null", "JSON object"),
            ("{\"access_token\":", "JSON object"),
            (&deep, "JSON object"),
            // The challenge as the header has it.
            (
                "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMTcwMDAwMDAwMCJ9fX0=",
                "no longer in base64",
            ),
            (r#"{"access_token":7}"#, "JSON object"),
            (r#"{"access_token":{"nbf":"1700000000"}}"#, "JSON object"),
            (
                r#"[{"access_token":{"nbf":{"value":"1700000000"}}}]"#,
                "JSON object",
            ),
            (
                r#"{"access_token":[{"nbf":{"value":"1700000000"}}]}"#,
                "JSON object",
            ),
            (
                r#"{"access_token":{"nbf":{"value":["1700000000"]}}}"#,
                "seconds since",
            ),
            (
                r#"{"access_token":{"nbf":{"value":1700000000.5}}}"#,
                "seconds since",
            ),
            (r#"{"access_token":{"nbf":{"value":-1}}}"#, "seconds since"),
            (
                r#"{"access_token":{"nbf":{"value":true}}}"#,
                "seconds since",
            ),
            (r#"{"access_token":{"nbf":{"value":""}}}"#, "seconds since"),
            (
                r#"{"access_token":{"nbf":{"value":"soon"}}}"#,
                "seconds since",
            ),
            (
                r#"{"access_token":{"nbf":{"value":"-1"}}}"#,
                "seconds since",
            ),
            (
                r#"{"access_token":{"nbf":{"value":"+1700000000"}}}"#,
                "seconds since",
            ),
            // Milliseconds.
            (
                r#"{"access_token":{"nbf":{"value":"1700000000000"}}}"#,
                "seconds since",
            ),
            (
                r#"{"access_token":{"nbf":{"value":"1800000301"}}}"#,
                "has passed",
            ),
            (&long, "too long"),
        ];
        for (claims, expected) in rows {
            let refused = read(claims).unwrap_err();
            assert!(refused.contains(expected), "{claims}: {refused}");
        }
    }
}
