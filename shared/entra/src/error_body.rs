//! What a refusal of Entra ID means: HTTP status and `error` first, the AADSTS
//! numbers of `error_codes` as refinement, with a safe default for a number that we
//! do not know: it is never read as a revocation, nor as a fault of ours. Microsoft changes texts at will: they are never read for a decision.
//!
//! Source of the numbers: Microsoft's published list of error codes, as collected in
//! the project's protocol notes (§5.3). The column of causes is our reading.

use std::time::Duration;

use auth::cause::{Cause, CauseCode};
use auth::ports::AuthorityError;
use reqwest::StatusCode;
use serde::Deserialize;

use crate::http::Answer;

/// A throttled answer without `Retry-After` waits as long as Entra ID usually asks for.
const THROTTLE_DEFAULT: Duration = Duration::from_secs(60);

#[derive(Deserialize, Default)]
struct ErrorBody {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_codes: Vec<u32>,
    #[serde(default)]
    correlation_id: Option<String>,
}

/// The numbers that wrap a more telling one in the same answer.
const WRAPPERS: [u32; 2] = [70002, 70000];

/// The cause behind an AADSTS number; `None` for one that we do not know.
pub(crate) fn cause_of(number: u32) -> Option<CauseCode> {
    use CauseCode as C;
    Some(match number {
        700016 | 65001 | 7000229 | 90094 | 90095 => C::NotConsented,
        65004 => C::ConsentDeclined,
        7000112 | 70001 => C::ApplicationDisabled,
        500011 | 500014 | 650052 | 50001 => C::ResourceMissing,
        90002 | 900023 => C::TenantNotFound,
        900439 | 90038 => C::WrongCloud,
        53003 => C::BlockedByPolicy,
        50034 | 50076 | 50079 | 50072 | 50074 | 50105 | 530003 | 90072 => C::SignInFailed,
        54005 | 70008 | 70000 | 501481 => C::CodeUnusable,
        700027 | 50012 | 50027 | 5002730 | 700030 | 7000215 | 7000218 | 7000222 | 70002
        | 700025 => C::CredentialRefused,
        700024 => C::ClockSkew,
        50011 | 50013 | 50048 | 50049 | 50059 | 50194 | 650051 | 650056 | 650057 | 65005
        | 650059 | 700005 | 70011 | 700021 | 700022 | 700023 | 90009 | 90010 | 9001023 | 90013
        | 90014 | 900144 | 9002313 | 901001 | 901002 => C::RequestRefused,
        50196 | 90055 => C::Throttled,
        50033 | 90006 | 90012 | 90024 | 90033 | 90090 => C::Unavailable,
        _ => return None,
    })
}

/// The cause of an answer that is not a 200.
pub(crate) fn refusal(answer: &Answer) -> AuthorityError {
    let body: ErrorBody = serde_json::from_slice(&answer.body).unwrap_or_default();
    let cause = cause(answer.status, &body);
    let retry_after = match cause.code {
        CauseCode::Throttled => Some(answer.retry_after.unwrap_or(THROTTLE_DEFAULT)),
        _ => answer.retry_after,
    };
    AuthorityError {
        cause,
        retry_after,
        correlation_id: body.correlation_id.filter(|id| is_correlation_id(id)),
    }
}

fn cause(status: StatusCode, body: &ErrorBody) -> Cause {
    if status == StatusCode::TOO_MANY_REQUESTS {
        return CauseCode::Throttled.into();
    }
    if status.is_server_error() || body.error == "temporarily_unavailable" {
        return CauseCode::Unavailable.into();
    }
    let known = |number: &u32| cause_of(*number).map(|code| Cause::with_aadsts(code, *number));
    let telling = body
        .error_codes
        .iter()
        .filter(|number| !WRAPPERS.contains(number));
    if let Some(cause) = telling.clone().find_map(known) {
        return cause;
    }
    match telling.clone().next() {
        Some(number) => Cause::with_aadsts(CauseCode::Unknown, *number),
        None => body
            .error_codes
            .iter()
            .find_map(known)
            .unwrap_or_else(|| by_error(&body.error).into()),
    }
}

/// An answer without any number: what `error` alone says (RFC 6749 §5.2).
fn by_error(error: &str) -> CauseCode {
    match error {
        "invalid_client" => CauseCode::CredentialRefused,
        "invalid_request" | "invalid_scope" | "unsupported_grant_type" => CauseCode::RequestRefused,
        "invalid_resource" => CauseCode::ResourceMissing,
        _ => CauseCode::Unknown,
    }
}

/// The cause of an `error` that came to the callback through the browser. The number
/// at the beginning of the description only chooses the page.
pub(crate) fn callback_cause(error: &str, unverified_description: Option<&str>) -> Cause {
    let number = unverified_description
        .and_then(|text| text.strip_prefix("AADSTS"))
        .map(|text| {
            text.chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
        })
        .and_then(|digits| digits.parse::<u32>().ok());
    if let Some(number) = number
        && let Some(code) = cause_of(number)
    {
        return Cause::with_aadsts(code, number);
    }
    match (error, number) {
        ("access_denied" | "consent_required" | "permission_denied", _) => {
            CauseCode::ConsentDeclined.into()
        }
        ("temporarily_unavailable" | "server_error", _) => CauseCode::Unavailable.into(),
        ("login_required" | "interaction_required", _) => CauseCode::SignInFailed.into(),
        (_, Some(number)) => Cause::with_aadsts(CauseCode::Unknown, number),
        (_, None) => CauseCode::Unknown.into(),
    }
}

fn is_correlation_id(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> AuthorityError {
        refusal(&Answer {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: None,
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn reads_a_refusal_by_status_then_number() {
        use CauseCode as C;
        let rows: &[(u16, &str, C, Option<u32>)] = &[
            (
                400,
                r#"{"error":"unauthorized_client","error_codes":[700016]}"#,
                C::NotConsented,
                Some(700016),
            ),
            (
                401,
                r#"{"error":"invalid_client","error_codes":[7000229]}"#,
                C::NotConsented,
                Some(7000229),
            ),
            (
                401,
                r#"{"error":"invalid_client","error_codes":[70002,50012]}"#,
                C::CredentialRefused,
                Some(50012),
            ),
            (
                400,
                r#"{"error":"invalid_grant","error_codes":[70000]}"#,
                C::CodeUnusable,
                Some(70000),
            ),
            (
                400,
                r#"{"error":"invalid_grant","error_codes":[70002,70008]}"#,
                C::CodeUnusable,
                Some(70008),
            ),
            (
                401,
                r#"{"error":"invalid_client","error_codes":[700024]}"#,
                C::ClockSkew,
                Some(700024),
            ),
            (
                400,
                r#"{"error":"invalid_grant","error_codes":[123456]}"#,
                C::Unknown,
                Some(123456),
            ),
            (
                401,
                r#"{"error":"invalid_client"}"#,
                C::CredentialRefused,
                None,
            ),
            (400, "<html>", C::Unknown, None),
            (429, "Too Many Requests", C::Throttled, None),
            (
                503,
                r#"{"error":"x","error_codes":[700016]}"#,
                C::Unavailable,
                None,
            ),
            (
                400,
                r#"{"error":"temporarily_unavailable"}"#,
                C::Unavailable,
                None,
            ),
        ];
        for (status, body, code, number) in rows {
            let error = refused(*status, body);
            assert_eq!(error.cause.code, *code, "{status} {body}");
            assert_eq!(error.cause.aadsts, *number, "{status} {body}");
        }
    }

    #[test]
    fn throttling_waits_a_minute_where_nothing_is_said() {
        assert_eq!(refused(429, "").retry_after, Some(THROTTLE_DEFAULT));
    }

    #[test]
    fn a_callback_error_chooses_a_page() {
        let declined = callback_cause("access_denied", Some("AADSTS65004: User declined"));
        assert_eq!(
            declined,
            Cause::with_aadsts(CauseCode::ConsentDeclined, 65004)
        );
        assert_eq!(
            callback_cause("access_denied", None).code,
            CauseCode::ConsentDeclined
        );
        assert_eq!(
            callback_cause("invalid_request", Some("AADSTS999999999999999: x")).code,
            CauseCode::Unknown
        );
    }
}
