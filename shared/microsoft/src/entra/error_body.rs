//! What a refusal of Entra ID means: HTTP status and `error` first, the AADSTS numbers
//! of `error_codes` as refinement ([`crate::aadsts`]). Of a number that we do not know
//! `error` decides; it is never read as a revocation. All numbers stay in the cause, the
//! unknown ones too: somebody will look them up. Microsoft changes texts at will: they are
//! never read for a decision.

use std::time::Duration;

use auth::cause::{Cause, CauseCode};
use auth::ports::AuthorityError;
use reqwest::StatusCode;
use serde_json::Value;

use super::aadsts::deciding;
use crate::http::Answer;

/// A throttled answer without `Retry-After` waits as long as Entra ID usually asks for.
const THROTTLE_DEFAULT: Duration = Duration::from_secs(60);

/// The error object of RFC 6749 §5.2 with Entra ID's own fields, read field by field:
/// one of an unexpected type does not hide the others.
#[derive(Default)]
struct ErrorBody {
    error: String,
    error_codes: Vec<u32>,
    correlation_id: Option<String>,
}

impl ErrorBody {
    fn read(body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let codes = match body.get("error_codes") {
            Some(Value::Array(codes)) => codes.iter().filter_map(number).collect(),
            Some(code) => number(code).into_iter().collect(),
            None => Vec::new(),
        };
        Self {
            error: text("error").unwrap_or_default(),
            error_codes: codes,
            correlation_id: text("correlation_id").filter(|id| is_correlation_id(id)),
        }
    }
}

/// An AADSTS number, as a number or as its digits.
fn number(value: &Value) -> Option<u32> {
    match value {
        Value::String(digits) => digits.parse().ok(),
        value => value.as_u64().and_then(|number| u32::try_from(number).ok()),
    }
}

/// The cause of an answer that gives no token.
pub(crate) fn refusal(answer: &Answer) -> AuthorityError {
    let body = ErrorBody::read(&answer.body);
    let cause = cause(answer.status, &body);
    let retry_after = match cause.code {
        CauseCode::Throttled => Some(answer.retry_after.unwrap_or(THROTTLE_DEFAULT)),
        _ => answer.retry_after,
    };
    AuthorityError {
        cause,
        retry_after,
        correlation_id: body.correlation_id,
    }
}

fn cause(status: StatusCode, body: &ErrorBody) -> Cause {
    judged(status, body).among(&body.error_codes)
}

fn judged(status: StatusCode, body: &ErrorBody) -> Cause {
    if status == StatusCode::TOO_MANY_REQUESTS {
        return CauseCode::Throttled.into();
    }
    let passes = status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
    if passes || body.error == "temporarily_unavailable" {
        return CauseCode::Unavailable.into();
    }
    match deciding(&body.error_codes) {
        Some((number, Some(cause))) => Cause::with_aadsts(cause, number),
        Some((number, None)) => Cause::with_aadsts(by_error(&body.error), number),
        None => by_error(&body.error).into(),
    }
}

/// An answer without a number that we know: what `error` alone says (RFC 6749 §5.2).
/// `unauthorized_client` and `invalid_grant` alone stay unknown: they would be a
/// revocation, and that takes a number.
fn by_error(error: &str) -> CauseCode {
    match error {
        "invalid_client" => CauseCode::CredentialRefused,
        "invalid_request" | "invalid_scope" | "unsupported_grant_type" => CauseCode::RequestRefused,
        "invalid_resource" => CauseCode::ResourceMissing,
        "interaction_required" => CauseCode::BlockedByPolicy,
        _ => CauseCode::Unknown,
    }
}

pub(crate) fn is_correlation_id(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::aadsts::cause_of;
    use auth::cause::Fault;

    #[test]
    fn one_field_of_an_unexpected_type_does_not_hide_the_others() {
        let body = br#"{"error": 7, "error_codes": ["700016", null, -1, 99999999999, {}],
            "correlation_id": ["x"]}"#;
        let body = ErrorBody::read(body);
        assert_eq!((body.error.as_str(), body.error_codes), ("", vec![700_016]));
        assert_eq!(
            ErrorBody::read(br#"{"error_codes": 65001}"#).error_codes,
            [65001]
        );
    }

    #[test]
    fn every_number_of_an_answer_stays_in_its_cause_and_one_decides() {
        // status, error, numbers, the cause as the log and the operator show it
        let rows: &[(u16, &str, &[u32], &str)] = &[
            (
                400,
                "unauthorized_client",
                &[700_016],
                "not_consented (AADSTS700016)",
            ),
            (400, "unauthorized_client", &[123], "unknown (AADSTS123)"),
            (
                401,
                "invalid_client",
                &[123],
                "credential_refused (AADSTS123)",
            ),
            (
                400,
                "invalid_request",
                &[123],
                "request_refused (AADSTS123)",
            ),
            (400, "invalid_scope", &[123], "request_refused (AADSTS123)"),
            (
                400,
                "invalid_resource",
                &[123],
                "resource_missing (AADSTS123)",
            ),
            (
                400,
                "invalid_grant",
                &[1, 2, 3],
                "unknown (AADSTS1, AADSTS2, AADSTS3)",
            ),
            (
                401,
                "invalid_client",
                &[70002, 123],
                "credential_refused (AADSTS123, AADSTS70002)",
            ),
            (
                400,
                "invalid_client",
                &[7, 700_016],
                "not_consented (AADSTS700016, AADSTS7)",
            ),
            (
                400,
                "invalid_client",
                &[9, 9, 700_016, 9],
                "not_consented (AADSTS700016, AADSTS9)",
            ),
            (
                400,
                "invalid_client",
                &[700_016, 90033],
                "unavailable (AADSTS90033, AADSTS700016)",
            ),
            (429, "invalid_client", &[123], "throttled (AADSTS123)"),
            (503, "", &[50033, 4], "unavailable (AADSTS50033, AADSTS4)"),
            (
                400,
                "temporarily_unavailable",
                &[5],
                "unavailable (AADSTS5)",
            ),
            (400, "invalid_client", &[], "credential_refused"),
        ];
        for (status, error, numbers, shown) in rows {
            let body = ErrorBody {
                error: (*error).to_owned(),
                error_codes: numbers.to_vec(),
                correlation_id: None,
            };
            let cause = cause(StatusCode::from_u16(*status).unwrap(), &body);
            assert_eq!(cause.to_string(), *shown, "{status} {error} {numbers:?}");
        }
    }

    #[test]
    fn a_refused_client_is_microsofts_turn_only_where_a_number_or_the_status_says_so() {
        let known = crate::entra::aadsts::all();
        let unknown = [0, 1, 70001u32 * 7, 123_456, 999_999, 8_000_000, u32::MAX];
        for status in (400..500).filter(|status| ![408, 429].contains(status)) {
            for number in known.clone().chain(unknown) {
                let body = ErrorBody {
                    error: "invalid_client".to_owned(),
                    error_codes: vec![number],
                    correlation_id: None,
                };
                let code = cause(StatusCode::from_u16(status).unwrap(), &body).code;
                let passes = cause_of(number).is_some_and(CauseCode::is_transient);
                let is_microsofts = code.fault() == Fault::Microsoft;
                assert_eq!(is_microsofts, passes, "{status} {number}: {code}");
            }
        }
    }
}
