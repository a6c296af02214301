//! What goes back to the client where the gateway does not refuse: a function's answer of
//! payload format 2.0 as HTTP, or an answer of the run itself.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;

use crate::headers::HOP_BY_HOP;

/// Assumption: what API Gateway writes when a function names no content type.
const DEFAULT_CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain;charset=UTF-8");

/// An answer of the run itself.
pub(crate) fn local((content_type, body): (&'static str, String)) -> Response {
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
pub(crate) fn from_function(answer: ApiGatewayV2httpResponse) -> Result<Response, &'static str> {
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
