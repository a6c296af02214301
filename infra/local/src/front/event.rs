//! A request as an event of payload format 2.0 (Amazon API Gateway, "Create AWS
//! Lambda proxy integrations for HTTP APIs"). It owns what becomes of path,
//! query, headers, cookies and body on the way; it refuses only what JSON cannot
//! carry. Host, caps and route have been settled before.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_http::aws_lambda_events::{
    apigw::{
        ApiGatewayRequestAuthorizer, ApiGatewayV2httpRequest, ApiGatewayV2httpRequestContext,
        ApiGatewayV2httpRequestContextHttpDescription,
    },
    query_map::QueryMap,
};
use time::OffsetDateTime;

use super::{listening::Place, response::Refusal};

/// Headers that concern one connection (RFC 9110 §7.6.1) and end here.
pub(super) const HOP_BY_HOP: [&str; 9] = [
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

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Everything an event is made of.
pub(super) struct Arrival<'a> {
    pub(super) parts: &'a Parts,
    pub(super) body: Vec<u8>,
    /// The path as this gateway hands it on.
    pub(super) raw_path: String,
    /// The query as this gateway hands it on.
    pub(super) raw_query: String,
    pub(super) route_key: &'a str,
    /// Path variables, decoded.
    pub(super) variables: HashMap<String, String>,
    /// The name in the Host header, without port.
    pub(super) domain: String,
    pub(super) at: Place,
    pub(super) request_id: &'a str,
    /// Milliseconds since the Unix epoch.
    pub(super) now: i64,
    pub(super) origin: Origin,
}

/// What a gateway says of itself and of the caller. Nothing in it comes from a header
/// or a body: a function believes this part of an event.
pub(super) struct Origin {
    pub(super) account_id: String,
    pub(super) api_id: &'static str,
    /// Who calls, where the gateway has checked it.
    pub(super) authorizer: Option<ApiGatewayRequestAuthorizer>,
    /// Headers that end at the gateway.
    pub(super) kept_back: &'static [HeaderName],
}

/// Makes the event.
pub(super) fn build(arrival: Arrival<'_>) -> Result<ApiGatewayV2httpRequest, Refusal> {
    let received = &arrival.parts.headers;
    let mut event = ApiGatewayV2httpRequest::default();
    event.version = Some("2.0".into());
    event.route_key = Some(arrival.route_key.to_owned());
    event.query_string_parameters = query_parameters(&arrival.raw_query);
    event.cookies = cookies(received);
    event.headers = headers(&arrival)?;
    event.request_context = request_context(&arrival);
    event.raw_path = Some(arrival.raw_path);
    event.raw_query_string = Some(arrival.raw_query);
    event.path_parameters = arrival.variables;
    if !arrival.body.is_empty() {
        let (body, is_base64_encoded) = encoded(received, arrival.body);
        event.body = Some(body);
        event.is_base64_encoded = is_base64_encoded;
    }
    Ok(event)
}

/// The path as an HTTP API hands it on: percent-decoded, and cut at a `?` that
/// comes out of the decoding (not documented; seen in captures of real events
/// that others have published). `None`: not a path, or not UTF-8 when decoded.
/// Assumption: that is refused.
pub(super) fn decoded_path(received: &str) -> Option<String> {
    let mut path = percent_decoded(received).filter(|path| path.starts_with('/'))?;
    if let Some(end) = path.find('?') {
        path.truncate(end);
    }
    Some(path)
}

/// Decodes `%XX`; `None` where that is not hexadecimal or not UTF-8.
pub(super) fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hexadecimal(bytes.next()?)? << 4 | hexadecimal(bytes.next()?)?,
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Decoded; values of one name in order, which the event joins with commas.
/// Assumption: `+` is a space.
fn query_parameters(query: &str) -> QueryMap {
    let mut parameters: HashMap<String, Vec<String>> = HashMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        parameters
            .entry(name.into_owned())
            .or_default()
            .push(value.into_owned());
    }
    QueryMap::from(parameters)
}

/// Cookies stand in their own list; the Cookie header itself is not handed on. White space
/// around one is SP and HTAB (RFC 6265 §5.2). Assumption: where one is not UTF-8, U+FFFD is in
/// its place, and the others are as they were.
fn cookies(received: &HeaderMap) -> Option<Vec<String>> {
    let headers = received.get_all(header::COOKIE).iter();
    let cookies: Vec<String> = headers
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty())
        .map(|pair| String::from_utf8_lossy(pair).into_owned())
        .collect();
    (!cookies.is_empty()).then_some(cookies)
}

/// Doubled headers joined with commas, the connection's own taken out, the
/// gateway's put in. `Forwarded` is the client's word and goes along.
fn headers(arrival: &Arrival<'_>) -> Result<HeaderMap, Refusal> {
    let received = &arrival.parts.headers;
    let mut headers = HeaderMap::with_capacity(received.keys_len() + 4);
    for name in received.keys().filter(|name| *name != header::COOKIE) {
        let values: Result<Vec<_>, _> = received.get_all(name).iter().map(text).collect();
        headers.insert(name.clone(), value(&values?.join(","))?);
    }
    let host = headers.get(header::HOST).cloned();
    for name in connection_options(received).chain(HOP_BY_HOP) {
        headers.remove(name);
    }
    for name in arrival.origin.kept_back {
        headers.remove(name);
    }
    // After the connection's options: a client must not name these away.
    if let Some(host) = host {
        headers.insert(header::HOST, host);
    }
    let peer = arrival.at.peer.ip().to_canonical().to_string();
    let forwarded_for = match headers.get(FORWARDED_FOR).map(text).transpose()? {
        Some(hops) if !hops.is_empty() => format!("{hops}, {peer}"),
        _ => peer,
    };
    headers.insert(FORWARDED_FOR, value(&forwarded_for)?);
    headers.insert(
        FORWARDED_PROTO,
        HeaderValue::from_static(arrival.at.scheme.as_str()),
    );
    headers.insert(FORWARDED_PORT, HeaderValue::from(arrival.at.port));
    // API Gateway has read the body: it says its length, also for none.
    headers.insert(
        header::CONTENT_LENGTH,
        HeaderValue::from(arrival.body.len()),
    );
    Ok(headers)
}

/// Header names listed in Connection belong to this connection too.
fn connection_options(received: &HeaderMap) -> impl Iterator<Item = &str> {
    let headers = received.get_all(header::CONNECTION).iter();
    headers
        .flat_map(|options| options.as_bytes().split(|byte| *byte == b','))
        .filter_map(|option| std::str::from_utf8(option.trim_ascii()).ok())
}

fn request_context(arrival: &Arrival<'_>) -> ApiGatewayV2httpRequestContext {
    let parts = arrival.parts;
    let user_agent = parts.headers.get(header::USER_AGENT);
    let mut http = ApiGatewayV2httpRequestContextHttpDescription::default();
    http.method = parts.method.clone();
    http.path = Some(arrival.raw_path.clone());
    http.protocol = Some(format!("{:?}", parts.version));
    http.source_ip = Some(arrival.at.peer.ip().to_canonical().to_string());
    http.user_agent = user_agent
        .and_then(|agent| text(agent).ok())
        .map(str::to_owned);

    let mut context = ApiGatewayV2httpRequestContext::default();
    context.account_id = Some(arrival.origin.account_id.clone());
    context.apiid = Some(arrival.origin.api_id.to_owned());
    context.authorizer = arrival.origin.authorizer.clone();
    context.domain_name = Some(arrival.domain.clone());
    context.domain_prefix = arrival.domain.split('.').next().map(str::to_owned);
    context.http = http;
    context.request_id = Some(arrival.request_id.to_owned());
    context.route_key = Some(arrival.route_key.to_owned());
    context.stage = Some("$default".into());
    context.time = Some(common_log_time(arrival.now));
    context.time_epoch = arrival.now;
    context
}

/// The Common Log Format's time in UTC: `07/Aug/2026:01:37:53 +0000`.
fn common_log_time(millis: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(millis.div_euclid(1000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let month = MONTHS[usize::from(u8::from(time.month())) - 1];
    let (hour, minute, second) = time.to_hms();
    format!(
        "{:02}/{month}/{:04}:{hour:02}:{minute:02}:{second:02} +0000",
        time.day(),
        time.year()
    )
}

/// The body as a JSON string, and whether that is base64.
///
/// Assumption (AWS documents only "binary"; others have measured this split
/// against a real HTTP API): text are `text/*` and three types of application/,
/// everything else is base64, also forms and bodies without a type. Text that is
/// not UTF-8 fits into no JSON string and is base64 too.
fn encoded(received: &HeaderMap, body: Vec<u8>) -> (String, bool) {
    let content_type = received.get(header::CONTENT_TYPE);
    if !content_type.is_some_and(|value| is_text(value.as_bytes())) {
        return (STANDARD.encode(body), true);
    }
    match String::from_utf8(body) {
        Ok(text) => (text, false),
        Err(binary) => (STANDARD.encode(binary.as_bytes()), true),
    }
}

fn is_text(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next();
    let essence = essence.unwrap_or_default().trim_ascii();
    let essence = essence.to_ascii_lowercase();
    essence.starts_with(b"text/")
        || matches!(
            essence.as_slice(),
            b"application/json" | b"application/javascript" | b"application/xml"
        )
}

/// Assumption: a header that is not UTF-8 cannot be put into JSON and is refused.
fn text(value: &HeaderValue) -> Result<&str, Refusal> {
    std::str::from_utf8(value.as_bytes()).map_err(|_| Refusal::BadRequest)
}

fn value(text: &str) -> Result<HeaderValue, Refusal> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| Refusal::BadRequest)
}
