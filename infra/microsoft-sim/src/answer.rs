//! The shapes in which every endpoint answers: JSON, page, redirect.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

/// A JSON answer that no cache may keep.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    typed(
        status,
        "application/json; charset=utf-8",
        Body::from(body.to_string()),
    )
}

/// The same of a text that is JSON, or nearly.
pub(crate) fn json_text(status: StatusCode, body: String) -> Response {
    json_bytes(status, Body::from(body))
}

/// The same of a body that is JSON already.
pub(crate) fn json_bytes(status: StatusCode, body: Body) -> Response {
    typed(status, "application/json; charset=utf-8", body)
}

pub(crate) fn html(status: StatusCode, page: String) -> Response {
    typed(status, "text/html; charset=utf-8", Body::from(page))
}

pub(crate) fn text(status: StatusCode, body: &str) -> Response {
    typed(
        status,
        "text/plain; charset=utf-8",
        Body::from(body.to_owned()),
    )
}

/// 302 to a URL.
pub(crate) fn redirect(location: &str) -> Response {
    let mut response = typed(StatusCode::FOUND, "text/html; charset=utf-8", Body::empty());
    match HeaderValue::from_str(location) {
        Ok(value) => {
            response.headers_mut().insert(header::LOCATION, value);
            response
        }
        Err(_) => text(
            StatusCode::BAD_REQUEST,
            "the redirect URI is not a header value",
        ),
    }
}

fn typed(status: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
