//! What a refusal of Entra ID means: HTTP status and `error` first, the AADSTS numbers
//! of `error_codes` as refinement ([`crate::aadsts`]), with a safe default for what we
//! do not know: it is never read as a revocation, nor as a fault of ours. Microsoft
//! changes texts at will: they are never read for a decision.

use std::time::Duration;

use auth::cause::{Cause, CauseCode};
use auth::ports::AuthorityError;
use reqwest::StatusCode;
use serde_json::Value;

use crate::aadsts::deciding;
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
    if status == StatusCode::TOO_MANY_REQUESTS {
        return CauseCode::Throttled.into();
    }
    let passes = status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
    if passes || body.error == "temporarily_unavailable" {
        return CauseCode::Unavailable.into();
    }
    match deciding(&body.error_codes) {
        Some((number, cause)) => Cause::with_aadsts(cause.unwrap_or(CauseCode::Unknown), number),
        None => by_error(&body.error).into(),
    }
}

/// An answer without any number: what `error` alone says (RFC 6749 §5.2).
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
}
