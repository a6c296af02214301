//! Events that are no request: why, and what the caller gets.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::answer::{ApiError, error};

/// Why an event is no request. The words are for the caller and hold nothing of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// A v1 event, another service's, or one with a method or a header that HTTP does not have.
    #[error("the event is not a well-formed HTTP request of payload format 2.0")]
    Format,
    /// The path does not begin with a slash.
    #[error("the path must begin with a slash")]
    Path,
    /// Path and query together have more than 64 KB.
    #[error("path and query are too long")]
    TooLong,
    /// A cookie holds a control character, or there are too many.
    #[error("the cookies are malformed")]
    Cookies,
    /// The event says base64, and the body is something else.
    #[error("the body is not base64, although the event says so")]
    Body,
}

/// An event that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub reason: Unusable,
    /// Of the request, or of the invocation where the gateway gave none.
    pub request_id: String,
}

impl Refused {
    /// 400, and a line in the log.
    pub fn response(&self) -> Response<Body> {
        let Self { reason, request_id } = self;
        tracing::warn!(
            event = "event_refused",
            %reason,
            request_id,
            "an event is no request that a function can read"
        );
        let refusal = ApiError::caller(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            reason.to_string(),
        );
        error(&refusal, request_id)
    }
}
