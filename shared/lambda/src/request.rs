//! The parts of a request that every HTTP function reads.

use std::net::IpAddr;

use auth::ports::Meter;
use lambda_http::http::{HeaderValue, Method, header};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _, Response};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::fields::{FieldError, Fields};
use crate::media_type;

/// The gateway's id of the request: in every answer and in every log line about it.
pub fn request_id(request: &Request) -> String {
    let id = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    };
    id.unwrap_or_default()
}

/// The span of a request, by OpenTelemetry's names (HTTP server spans), for an exporter of
/// spans; what is logged within it carries `id`. The path is left out: it holds tenants,
/// handles and codes. At the level of errors, so that no filter takes the id from a line.
pub fn span(request: &Request, id: &str) -> Span {
    tracing::error_span!(
        "request",
        request_id = id,
        otel.kind = "server",
        http.request.method = request.method().as_str(),
        http.route = Empty,
        http.response.status_code = Empty,
    )
}

/// Answers within `span`, completes it, and passes the figures on before the answer goes
/// out. `strict`: what [`transport_security`](crate::transport_security) says of the request.
pub async fn watched(
    span: Span,
    strict: Option<HeaderValue>,
    meter: Option<&dyn Meter>,
    answer: impl Future<Output = Response<Body>>,
) -> Response<Body> {
    let mut response = answer.instrument(span.clone()).await;
    if let Some(strict) = strict {
        let headers = response.headers_mut();
        headers.insert(header::STRICT_TRANSPORT_SECURITY, strict);
    }
    span.record("http.response.status_code", response.status().as_u16());
    if let Some(meter) = meter {
        meter.flush();
    }
    response
}

/// Names the route of the request that is being answered: one of a few, never a path.
pub fn on_route(route: &'static str) {
    Span::current().record("http.route", route);
}

/// The method by which a request is routed: HEAD is asked as GET, and its answer goes out
/// without its body (RFC 9110 §9.3.2; `event`).
pub fn method(request: &Request) -> &Method {
    match request.method() {
        &Method::HEAD => &Method::GET,
        method => method,
    }
}

/// `Allow` of a route that is routed by `method`, for a refusal of another one (RFC 9110
/// §10.2.1). A route of GET is asked by HEAD too.
pub fn allow(method: &Method) -> HeaderValue {
    HeaderValue::from_static(match *method {
        Method::GET => "GET, HEAD",
        _ => "POST",
    })
}

/// The path as the gateway hands it on, with a slash at its beginning.
pub fn path(request: &Request) -> &str {
    request.raw_http_path()
}

/// The address that the request came from, as the gateway saw it: never out of a header,
/// which is the client's word.
pub fn source(request: &Request) -> Option<IpAddr> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.as_ref()?.parse().ok(),
        _ => None,
    }
}

/// The query parameters.
pub fn query(request: &Request) -> Result<Fields, FieldError> {
    Fields::parse(request.uri().query().unwrap_or_default().as_bytes())
}

/// The fields of a form; a body that is called something else, or looks like it, is refused.
pub fn form(request: &Request) -> Result<Fields, FieldError> {
    let bytes = bytes(request);
    media_type::check_form(request.headers(), bytes).map_err(FieldError::NotAForm)?;
    Fields::parse(bytes)
}

fn bytes(request: &Request) -> &[u8] {
    match request.body() {
        Body::Text(text) => text.as_bytes(),
        Body::Binary(bytes) => bytes,
        _ => b"",
    }
}

/// The body as text of at most `max` bytes.
pub fn text(request: &Request, max: usize) -> Result<&str, FieldError> {
    let bytes = bytes(request);
    if bytes.len() <= max {
        std::str::from_utf8(bytes).map_err(|_| FieldError::NotUtf8)
    } else {
        Err(FieldError::TooLong)
    }
}

/// A header that came once and is text.
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut values = request.headers().get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

/// Whether every value of a header that came is `allowed`. Fails closed: one that is no
/// text is not.
pub fn every(request: &Request, name: &str, allowed: impl Fn(&str) -> bool) -> bool {
    let mut values = request.headers().get_all(name).iter();
    values.all(|value| value.to_str().is_ok_and(&allowed))
}

/// The value of a cookie. A name that came twice has no value: one of the two is not ours.
pub fn cookie(request: &Request, name: &str) -> Option<String> {
    let mut values = pairs(request).filter(|(found, _)| *found == name.as_bytes());
    let (_, first) = values.next()?;
    match values.next() {
        None => std::str::from_utf8(first).ok().map(str::to_owned),
        Some(_) => None,
    }
}

/// The cookies whose names begin with `prefix`, in the browser's order. What is not text in
/// a value is replaced: such a value is not ours, and its name still has to be known.
pub fn cookies_beginning(request: &Request, prefix: &str) -> Vec<(String, String)> {
    pairs(request)
        .filter_map(|(name, value)| Some((std::str::from_utf8(name).ok()?, value)))
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into_owned()))
        .collect()
}

/// The pairs of all cookie headers (RFC 6265 §4.2). Cookies of other sites on our domain are
/// in the same header and may hold any bytes: each pair is judged by itself.
fn pairs(request: &Request) -> impl Iterator<Item = (&[u8], &[u8])> {
    let headers = request.headers().get_all(header::COOKIE).iter();
    headers
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
        .filter_map(pair)
}

/// Name and value. White space around a pair is SP and HTAB alone (§5.2); quotation marks are
/// part of the value, as browsers take them.
fn pair(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = text.iter().position(|byte| !is_white(*byte))?;
    let end = text.iter().rposition(|byte| !is_white(*byte))? + 1;
    let pair = text.get(start..end)?;
    let (name, value) = pair.split_at(pair.iter().position(|byte| *byte == b'=')?);
    Some((name, value.get(1..)?))
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "__Host-attempt";

    fn request(cookies: &[&[u8]]) -> Request {
        let mut request = Request::default();
        for cookie in cookies {
            let cookie = HeaderValue::from_bytes(cookie).unwrap();
            request.headers_mut().append(header::COOKIE, cookie);
        }
        request
    }

    #[test]
    fn a_cookie_has_its_value_whatever_bytes_others_hold() {
        let rows: [&[&[u8]]; 13] = [
            &[b"__Host-attempt=v"],
            &[b"other=caf\xc3\xa9; __Host-attempt=v"],
            &[b"other=caf\xe9; __Host-attempt=v"],
            &[b"__Host-attempt=v; \xff\xfe"],
            &[b"__Host-attempt=v;\xe2\x80\x80__Host-attempt=evil"],
            &[b"a=1;__Host-attempt=v;b=2"],
            &[b"a=1; \t __Host-attempt=v\t ; b"],
            &[b"a=1", b"__Host-attempt=v", b"\xe9"],
            &[b";;=; =x; __Host-attempt=v;"],
            &[b"__host-attempt=evil; __Host-attempt=v"],
            &[b"__Host-attempt-2=evil; __Host-attempt=v"],
            &[b"__Host-attempt; __Host-attempt=v"],
            &[b"a=\"1; __Host-attempt=v; b=2\""],
        ];
        for row in rows {
            let found = cookie(&request(row), NAME);
            assert_eq!(found.as_deref(), Some("v"), "{row:?}");
        }
        let kept: [(&[u8], &str); 4] = [
            (b"__Host-attempt=\"v\"", "\"v\""),
            (b"__Host-attempt=a=b==", "a=b=="),
            (b"__Host-attempt=", ""),
            (b"__Host-attempt=\xc3\xa9", "\u{e9}"),
        ];
        for (header, value) in kept {
            assert_eq!(cookie(&request(&[header]), NAME).as_deref(), Some(value));
        }
    }

    #[test]
    fn a_cookie_that_is_not_there_once_has_no_value() {
        let rows: [&[&[u8]]; 11] = [
            &[],
            &[b""],
            &[b"other=v"],
            &[b"__Host-attempt"],
            &[b"__Host-attempt=v; __Host-attempt=v"],
            &[b"__Host-attempt=v", b"__Host-attempt=w"],
            &[b"__Host-attempt=v; __Host-attempt=\xe9"],
            &[b"__Host-attempt=\xe9"],
            &[b"\xe2\x80\x80__Host-attempt=v"],
            &[b"\xc2\xa0__Host-attempt=v"],
            &[b"__Host-attempt =v"],
        ];
        for row in rows {
            assert_eq!(cookie(&request(row), NAME), None, "{row:?}");
        }
    }

    #[test]
    fn every_value_of_a_header_must_be_allowed() {
        let rows: [(&[&[u8]], bool); 5] = [
            (&[], true),
            (&[b"a"], true),
            (&[b"a", b"a"], true),
            (&[b"a", b"b"], false),
            (&[b"a", b"\xff"], false),
        ];
        for (values, allowed) in rows {
            let found = every(&request(values), "cookie", |value| value == "a");
            assert_eq!(found, allowed, "{values:?}");
        }
    }

    #[test]
    fn cookies_are_found_by_the_beginning_of_their_names_beside_any_bytes() {
        let headers: [&[u8]; 2] = [
            b"caf\xc3\xa9=1; __Host-attempt-1=a; __Host-attempt-2=\xe9; x=__Host-attempt-3",
            b" \t__Host-attempt-4=d; __Host-attempt; __host-attempt-5=e; \xff__Host-attempt-6=f",
        ];
        let found = cookies_beginning(&request(&headers), NAME);
        let found: Vec<_> = found.iter().map(|(n, v)| (&**n, &**v)).collect();
        let expected = [
            ("__Host-attempt-1", "a"),
            ("__Host-attempt-2", "\u{fffd}"),
            ("__Host-attempt-4", "d"),
        ];
        assert_eq!(found, expected);
    }
}
