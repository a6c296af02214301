//! What becomes of a request's headers on their way into an event: doubled ones joined, those
//! of the connection taken out, cookies in their own list, the gateway's put in.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{connection::ClientConnection, refusal::GatewayRefusal};

/// Headers that concern one connection (RFC 9110 §7.6.1) and end here.
pub(crate) const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");

/// The headers as an event has them. `kept_back` end at this gateway. `Forwarded` is the
/// client's word and goes along.
pub(crate) fn handed_on(
    received: &HeaderMap,
    kept_back: &[HeaderName],
    at: &ClientConnection,
    body_length: usize,
) -> Result<HeaderMap, GatewayRefusal> {
    let mut headers = joined(received)?;
    let host = headers.get(header::HOST).cloned();
    for name in connection_options(received).chain(HOP_BY_HOP) {
        headers.remove(name);
    }
    for name in kept_back {
        headers.remove(name);
    }
    // After the connection's options: a client must not name these away.
    if let Some(host) = host {
        headers.insert(header::HOST, host);
    }
    let peer = at.peer.ip().to_canonical().to_string();
    let forwarded_for = match headers.get(FORWARDED_FOR).map(text).transpose()? {
        Some(hops) if !hops.is_empty() => format!("{hops}, {peer}"),
        _ => peer,
    };
    headers.insert(FORWARDED_FOR, value(&forwarded_for)?);
    let scheme = HeaderValue::from_static(at.scheme.as_str());
    headers.insert(FORWARDED_PROTO, scheme);
    headers.insert(FORWARDED_PORT, HeaderValue::from(at.port));
    // The gateway has read the body: it says its length, also for none.
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body_length));
    Ok(headers)
}

/// Each name once, doubled headers joined with commas; without cookies.
fn joined(received: &HeaderMap) -> Result<HeaderMap, GatewayRefusal> {
    let mut headers = HeaderMap::with_capacity(received.keys_len() + 4);
    for name in received.keys().filter(|name| *name != header::COOKIE) {
        let values: Result<Vec<_>, _> = received.get_all(name).iter().map(text).collect();
        headers.insert(name.clone(), value(&values?.join(","))?);
    }
    Ok(headers)
}

/// Header names listed in Connection belong to this connection too.
fn connection_options(received: &HeaderMap) -> impl Iterator<Item = &str> {
    let headers = received.get_all(header::CONNECTION).iter();
    headers
        .flat_map(|options| options.as_bytes().split(|byte| *byte == b','))
        .filter_map(|option| std::str::from_utf8(option.trim_ascii()).ok())
}

/// Cookies stand in their own list; the Cookie header itself is not handed on. White space
/// around one is SP and HTAB (RFC 6265 §5.2). Assumption: where one is not UTF-8, U+FFFD is in
/// its place, and the others are as they were.
pub(crate) fn cookies(received: &HeaderMap) -> Option<Vec<String>> {
    let headers = received.get_all(header::COOKIE).iter();
    let cookies: Vec<String> = headers
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty())
        .map(|pair| String::from_utf8_lossy(pair).into_owned())
        .collect();
    (!cookies.is_empty()).then_some(cookies)
}

/// Assumption: a header that is not UTF-8 cannot be put into JSON and is refused.
pub(crate) fn text(value: &HeaderValue) -> Result<&str, GatewayRefusal> {
    std::str::from_utf8(value.as_bytes()).map_err(|_| GatewayRefusal::BadRequest)
}

fn value(text: &str) -> Result<HeaderValue, GatewayRefusal> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| GatewayRefusal::BadRequest)
}
