//! `claims`: how SDKs hand on that the API refused a token (continuous access evaluation).
//! A claims request as OpenID Connect Core 1.0 §5.5 has it; what counts is
//! `access_token.nbf.value`, the time before which the API takes no token. Capabilities of
//! the client (`xms_cc`) and every other claim change nothing: the tokens are the same for
//! every caller.
//!
//! What names no time changes nothing, whatever it is. A time that cannot be read is refused:
//! its sender would be handed the refused token again, without a word of why.

use std::time::Duration;

use auth::Timestamp;
use auth::encoding::from_base64url;
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
    let Some(value) = requested(text) else {
        return Ok(None);
    };
    let time = seconds(&value).filter(|time| *time <= now + AHEAD_MAX);
    time.map(Some).ok_or_else(|| {
        refusal::malformed(
            "claims: the value of access_token.nbf must be a time that has passed, in whole \
             seconds since 1970, such as \"1700000000\"",
        )
    })
}

/// What `access_token.nbf` asks for: of all that a claims request can hold the one thing that
/// counts.
fn requested(text: &str) -> Option<Value> {
    let claims: Value = match serde_json::from_str(text) {
        Ok(claims) => claims,
        Err(_) => serde_json::from_slice(&undone(text)?).ok()?,
    };
    let nbf = claims.get("access_token")?.get("nbf")?;
    let asked = match nbf {
        Value::Object(members) => members.get("value")?,
        other => other,
    };
    (!asked.is_null()).then(|| asked.clone())
}

/// The API's header holds the text in base64, of either alphabet, and who hands it on as it
/// is means the same.
fn undone(text: &str) -> Option<Vec<u8>> {
    let text = text.replace('+', "-").replace('/', "_");
    from_base64url(text.trim_end_matches('='))
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

#[cfg(test)]
mod tests {
    use auth::encoding::{base64_standard, base64url};

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
    fn a_challenge_still_in_base64_is_read() {
        let claims =
            r#"{"access_token":{"nbf":{"essential":true,"value":"1700000000"},"x":"~~~???"}}"#;
        let standard = base64_standard(claims.as_bytes());
        let url = base64url(claims.as_bytes());
        assert_ne!(standard.trim_end_matches('='), url);
        for text in [standard, url] {
            assert_eq!(read(&text), Ok(Some(1_700_000_000)), "{text}");
        }
    }

    #[test]
    fn what_names_no_time_changes_nothing() {
        let deep = "[".repeat(1_000);
        let rows = [
            "",
            "x",
            "&",
            "{}",
            "[]",
            "null",
            "\"nbf\"",
            "{\"access_token\":",
            &deep,
            "e30=",
            r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#,
            r#"{"access_token":{"xms_cc":{"values":["cp1","protapp"]}},"id_token":{}}"#,
            r#"{"access_token":null}"#,
            r#"{"access_token":7}"#,
            r#"{"access_token":[{"nbf":{"value":"1700000000"}}]}"#,
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
    fn a_time_that_cannot_be_read_is_refused_with_what_is_expected() {
        let asks = |value: &str| format!(r#"{{"access_token":{{"nbf":{{"value":{value}}}}}}}"#);
        let rows = [
            r#""""#,
            r#""soon""#,
            r#""-1""#,
            r#""+1700000000""#,
            r#""1700000000.5""#,
            r#""2023-11-14T22:13:20Z""#,
            // Milliseconds.
            r#""1700000000000""#,
            // 301 s ahead.
            r#""1800000301""#,
            r#""99999999999999999999""#,
            r#"["1700000000"]"#,
            "1700000000.5",
            "-1",
            "true",
            "{}",
        ];
        for value in rows {
            let refused = read(&asks(value)).unwrap_err();
            assert!(refused.contains("whole seconds"), "{value}: {refused}");
        }
        let refused = read(&" ".repeat(4_097)).unwrap_err();
        assert!(refused.contains("claims is too long"), "{refused}");
    }
}
