//! What goes back to the client: a function's answer of payload format 2.0 as
//! HTTP, and the answers that the gateway gives by itself, in the one shape
//! `{"message": …}`.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;

use super::event::HOP_BY_HOP;

/// Assumption: what API Gateway writes when a function names no content type.
const DEFAULT_CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain;charset=UTF-8");

/// An answer of the gateway's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
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

impl Refusal {
    pub(super) fn into_response(self) -> Response {
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
pub(super) fn json_message(status: StatusCode, member: &str, message: &str) -> Response {
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

/// An answer of the run itself.
pub(super) fn local((content_type, body): (&'static str, String)) -> Response {
    let mut response = Response::new(Body::from(body));
    let content_type = HeaderValue::from_str(content_type).unwrap_or(DEFAULT_CONTENT_TYPE);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

/// A function's answer as HTTP; the error says which part of it is malformed.
///
/// `multiValueHeaders` is not read: API Gateway does not read it either in
/// payload format 2.0, only cookies may be many.
pub(super) fn from_function(answer: ApiGatewayV2httpResponse) -> Result<Response, &'static str> {
    let status = status(answer.status_code).ok_or("malformed status code")?;
    let mut headers = answer.headers;
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    // The body's own length holds, not what a function says of it.
    headers.remove(header::CONTENT_LENGTH);
    add_cookies(&mut headers, &answer.cookies).ok_or("malformed cookie")?;
    let body = match answer.body {
        Some(body) if answer.is_base64_encoded => {
            STANDARD.decode(&body[..]).map_err(|_| "malformed base64")?
        }
        Some(body) => body.to_vec(),
        None => Vec::new(),
    };
    if !body.is_empty() && !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, DEFAULT_CONTENT_TYPE);
    }
    // These two have no body by definition (RFC 9110 §15.3.5, §15.4.5).
    let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let mut response = Response::new(if bodiless {
        Body::empty()
    } else {
        Body::from(body)
    });
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// Final status codes only: 1xx is the server's business, not a function's.
fn status(code: i64) -> Option<StatusCode> {
    let code = u16::try_from(code)
        .ok()
        .filter(|code| (200..600).contains(code))?;
    StatusCode::from_u16(code).ok()
}

fn add_cookies(headers: &mut HeaderMap, cookies: &[String]) -> Option<()> {
    for cookie in cookies {
        headers.append(header::SET_COOKIE, HeaderValue::from_str(cookie).ok()?);
    }
    Some(())
}
