//! The request of an event.

use auth::encoding::from_base64_standard;
use lambda_http::http::uri::PathAndQuery;
use lambda_http::http::{HeaderMap, HeaderValue, Uri, header};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::payload::Payload;
use super::refused::Unusable;

const VERSION: &str = "2.0";

/// What a URI's query cannot hold as it is. Encoded it means the same to a form's decoder: a
/// function URL hands `a+b` on as `a b`, which is what `+` means in a form.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
/// The same of a path.
const NOT_IN_A_PATH: &AsciiSet = &NOT_IN_A_QUERY.add(b'?').add(b'`');

/// The request. Its URI is path and query alone; who needs the path as the gateway hands it
/// on takes the raw one. Path and stage variables are left out: nothing here reads them.
pub(super) fn of(event: Payload, request_id: &str) -> Result<Request, Unusable> {
    if event.version != VERSION {
        return Err(Unusable::Format);
    }
    if !event.raw_path.starts_with('/') {
        return Err(Unusable::Path);
    }
    let mut context = event.request_context;
    context.request_id = Some(request_id.to_owned());
    let query = event.raw_query_string.as_deref().unwrap_or_default();
    let is_base64 = event.is_base64_encoded.unwrap_or_default();
    let mut request = Request::new(body(event.body, is_base64)?);
    *request.method_mut() = context.http.method.clone();
    *request.uri_mut() = uri(&event.raw_path, query)?;
    *request.headers_mut() = with_cookies(event.headers.0, event.cookies)?;
    Ok(request
        .with_raw_http_path(event.raw_path)
        .with_request_context(RequestContext::ApiGatewayV2(context)))
}

fn uri(path: &str, query: &str) -> Result<Uri, Unusable> {
    let path = utf8_percent_encode(path, NOT_IN_A_PATH);
    let text = match query {
        "" => path.to_string(),
        query => format!("{path}?{}", utf8_percent_encode(query, NOT_IN_A_QUERY)),
    };
    let path_and_query = PathAndQuery::try_from(text).map_err(|_| Unusable::TooLong)?;
    Ok(path_and_query.into())
}

/// The list of cookies is the Cookie header: one that is among the headers too says the same.
fn with_cookies(
    mut headers: HeaderMap,
    cookies: Option<Vec<String>>,
) -> Result<HeaderMap, Unusable> {
    let Some(cookies) = cookies else {
        return Ok(headers);
    };
    headers.remove(header::COOKIE);
    for cookie in cookies {
        let cookie = HeaderValue::try_from(cookie).map_err(|_| Unusable::Cookies)?;
        let appended = headers.try_append(header::COOKIE, cookie);
        appended.map_err(|_| Unusable::Cookies)?;
    }
    Ok(headers)
}

fn body(text: Option<String>, is_base64: bool) -> Result<Body, Unusable> {
    match text {
        None => Ok(Body::Empty),
        Some(text) if is_base64 => {
            let bytes = from_base64_standard(&text).ok_or(Unusable::Body)?;
            Ok(Body::Binary(bytes))
        }
        Some(text) => Ok(Body::Text(text)),
    }
}
