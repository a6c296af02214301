//! Answers of the API: JSON, never stored, with the request's id. Errors have the
//! shape of RFC 6749 §5.2 with what a caller needs to act: the cause, whose fault it
//! is, and whether asking again can help.

use std::time::Duration;

use auth::cause::{Cause, CauseCode, Fault};
use lambda_http::Body;
use lambda_http::http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

/// SDKs block for as long as `Retry-After` says.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(5);
/// Room for an answer with a token, which has 1.2 to 1.5 KB (reference §3.2).
const ANSWER_BYTES: usize = 2 * 1024;

/// An error for a caller. `description` is ours: never a source's message.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// HTTP status.
    pub status: StatusCode,
    /// `error`, from RFC 6749 and its registry where one fits.
    pub error: &'static str,
    /// `error_description`.
    pub description: String,
    /// `cause` and `error_codes`.
    pub cause: Option<Cause>,
    /// `fault`.
    pub fault: Fault,
    /// `retryable`, and `Retry-After`.
    pub retry: Retry,
}

/// Whether asking again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same request is refused again.
    Never,
    /// It can help, though not at once.
    Later,
    /// It can help after so long, which `Retry-After` says.
    After(Duration),
}

impl ApiError {
    /// A fault of the caller.
    pub fn caller(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status,
            error,
            description: description.into(),
            cause: None,
            fault: Fault::Caller,
            retry: Retry::Never,
        }
    }

    /// An error with a cause: the description is what the catalogue says of it.
    pub fn with_cause(status: StatusCode, error: &'static str, cause: Cause) -> Self {
        let passes = cause.code.is_transient() || cause.code == CauseCode::BrokerUnavailable;
        Self {
            status,
            error,
            description: cause.code.explained(),
            fault: cause.code.fault(),
            cause: Some(cause),
            retry: if passes { Retry::Later } else { Retry::Never },
        }
    }

    /// The same, worth asking again after `after` (5 s at most).
    pub fn retry_after(self, after: Duration) -> Self {
        Self {
            retry: Retry::After(after.clamp(Duration::from_secs(1), RETRY_AFTER_MAX)),
            ..self
        }
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'a str,
    error_description: &'a str,
    error_codes: Vec<u32>,
    /// `null` where nothing but the request is at fault.
    cause: Option<CauseCode>,
    fault: Fault,
    retryable: bool,
    request_id: &'a str,
    #[serde(flatten)]
    also: Option<ManagedIdentityError<'a>>,
}

/// What clients of the managed-identity protocol read of an error.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ManagedIdentityError<'a> {
    status_code: u16,
    message: &'a str,
}

/// A JSON answer.
pub fn json(status: StatusCode, body: &impl Serialize, request_id: &str) -> Response<Body> {
    json_text(status, text_of(body), request_id)
}

/// A JSON answer whose text is there already.
pub fn json_text(status: StatusCode, text: String, request_id: &str) -> Response<Body> {
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    never_stored(&mut response, request_id);
    response
}

/// An answer without a body.
pub fn empty(status: StatusCode, request_id: &str) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    never_stored(&mut response, request_id);
    response
}

fn text_of(body: &impl Serialize) -> String {
    let mut bytes = Vec::with_capacity(ANSWER_BYTES);
    let written = serde_json::to_writer(&mut bytes, body).ok();
    let text = written.and_then(|()| String::from_utf8(bytes).ok());
    text.unwrap_or_else(|| "{}".to_owned())
}

/// An error's answer.
pub fn error(error: &ApiError, request_id: &str) -> Response<Body> {
    answered(error, request_id, None)
}

/// The same for clients of the managed-identity protocol, which read `statusCode` and
/// `message`.
pub fn managed_identity_error(error: &ApiError, request_id: &str) -> Response<Body> {
    let also = ManagedIdentityError {
        status_code: error.status.as_u16(),
        message: &error.description,
    };
    answered(error, request_id, Some(also))
}

fn answered(
    error: &ApiError,
    request_id: &str,
    also: Option<ManagedIdentityError<'_>>,
) -> Response<Body> {
    let body = ErrorBody {
        error: error.error,
        error_description: &error.description,
        error_codes: error.cause.iter().flat_map(Cause::numbers).collect(),
        cause: error.cause.as_ref().map(|cause| cause.code),
        fault: error.fault,
        retryable: error.retry != Retry::Never,
        request_id,
        also,
    };
    let mut response = json(error.status, &body, request_id);
    let headers = response.headers_mut();
    if error.status == StatusCode::UNAUTHORIZED {
        let bearer = HeaderValue::from_static("Bearer realm=\"vending\"");
        headers.insert(header::WWW_AUTHENTICATE, bearer);
    }
    if let Retry::After(after) = error.retry {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs()));
    }
    response
}

/// What every answer of ours carries, beside what depends on the host
/// ([`transport_security`](crate::transport_security)).
pub(crate) fn never_stored(response: &mut Response<Body>, request_id: &str) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_cause_is_in_error_codes_the_deciding_one_first() {
        let rows: &[(Option<u32>, &[u32], &str)] = &[
            (None, &[], "[]"),
            (Some(700_016), &[], "[700016]"),
            (Some(7_000_229), &[7_000_229], "[7000229]"),
            (Some(123_456), &[], "[123456]"),
            (Some(123_456), &[70002, 123_456], "[123456,70002]"),
            (Some(90033), &[700_016, 90033], "[90033,700016]"),
            (None, &[50033, 4], "[50033,4]"),
            (Some(5_000_225), &[1, 2, 3], "[5000225,1,2,3]"),
            (Some(700_016), &[9, 9, 9], "[700016,9]"),
            (Some(1), &[2, 3, 4, 5, 6, 7, 8, 9, 10], "[1,2,3,4,5,6,7,8]"),
        ];
        for (aadsts, answer, expected) in rows {
            let cause = Cause {
                aadsts: *aadsts,
                ..Cause::new(CauseCode::Unknown)
            };
            let cause = cause.among(answer);
            let refused = ApiError::with_cause(StatusCode::CONFLICT, "invalid_grant", cause);
            let Body::Text(body) = error(&refused, "r").into_body() else {
                panic!("a text");
            };
            let expected = format!("\"error_codes\":{expected}");
            assert!(body.contains(&expected), "{body}");
        }
    }
}
