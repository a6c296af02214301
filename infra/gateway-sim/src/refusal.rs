//! The answers that a gateway gives by itself, in the one shape `{"message": …}`.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

/// Why a request goes no further than the gateway, whichever gateway it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GatewayRefusal {
    /// Host, path or a header that cannot be an event.
    BadRequest,
    /// A Host that is not ours.
    Forbidden,
    /// No route.
    NotFound,
    /// TRACE, CONNECT and methods of one's own invention. Assumption: 405.
    MethodNotAllowed,
    /// Request line and headers above the cap.
    HeadTooLarge,
    /// Body or event above the cap.
    BodyTooLarge,
    /// The function failed or gave no proper answer.
    Internal,
    /// The function took too long.
    Unavailable,
}

impl GatewayRefusal {
    pub(crate) fn into_response(self) -> Response {
        let (status, message) = self.status_and_message();
        json_message(status, "message", message)
    }

    fn status_and_message(self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
            Self::HeadTooLarge => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "Request Header Fields Too Large",
            ),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        }
    }
}

/// An answer with one member, as gateways give it.
pub(crate) fn json_message(status: StatusCode, member: &str, message: &str) -> Response {
    let mut response = Response::new(Body::from(
        serde_json::json!({ member: message }).to_string(),
    ));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}
