//! A request as an event of payload format 2.0 (Amazon API Gateway, "Create AWS
//! Lambda proxy integrations for HTTP APIs"). It owns what becomes of path,
//! query and body on the way; it refuses only what JSON cannot carry. Host, caps
//! and route have been settled before.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderName, header, request::Parts};
use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_http::aws_lambda_events::{
    apigw::{
        ApiGatewayRequestAuthorizer, ApiGatewayV2httpRequest, ApiGatewayV2httpRequestContext,
        ApiGatewayV2httpRequestContextHttpDescription,
    },
    query_map::QueryMap,
};
use time::OffsetDateTime;

use crate::{connection::ClientConnection, headers, refusal::GatewayRefusal};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Everything an event is made of.
pub(crate) struct Arrival<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) body: Vec<u8>,
    /// The path as this gateway hands it on.
    pub(crate) raw_path: String,
    /// The query as this gateway hands it on.
    pub(crate) raw_query: String,
    pub(crate) route_key: &'a str,
    /// Path variables, decoded.
    pub(crate) variables: HashMap<String, String>,
    /// The name in the Host header, without port.
    pub(crate) domain: String,
    pub(crate) at: ClientConnection,
    pub(crate) request_id: &'a str,
    /// Milliseconds since the Unix epoch.
    pub(crate) now: i64,
    pub(crate) origin: Origin,
}

/// What a gateway says of itself and of the caller. Nothing in it comes from a header
/// or a body: a function believes this part of an event.
pub(crate) struct Origin {
    pub(crate) account_id: String,
    pub(crate) api_id: &'static str,
    /// Who calls, where the gateway has checked it.
    pub(crate) authorizer: Option<ApiGatewayRequestAuthorizer>,
    /// Headers that end at the gateway.
    pub(crate) kept_back: &'static [HeaderName],
}

/// Makes the event.
pub(crate) fn build(arrival: Arrival<'_>) -> Result<ApiGatewayV2httpRequest, GatewayRefusal> {
    let received = &arrival.parts.headers;
    let mut event = ApiGatewayV2httpRequest::default();
    event.version = Some("2.0".into());
    event.route_key = Some(arrival.route_key.to_owned());
    event.query_string_parameters = query_parameters(&arrival.raw_query);
    event.cookies = headers::cookies(received);
    event.headers = headers::handed_on(
        received,
        arrival.origin.kept_back,
        &arrival.at,
        arrival.body.len(),
    )?;
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
pub(crate) fn decoded_path(received: &str) -> Option<String> {
    let mut path = percent_decoded(received).filter(|path| path.starts_with('/'))?;
    if let Some(end) = path.find('?') {
        path.truncate(end);
    }
    Some(path)
}

/// Decodes `%XX`; `None` where that is not hexadecimal or not UTF-8.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
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

fn request_context(arrival: &Arrival<'_>) -> ApiGatewayV2httpRequestContext {
    let parts = arrival.parts;
    let user_agent = parts.headers.get(header::USER_AGENT);
    let mut http = ApiGatewayV2httpRequestContextHttpDescription::default();
    http.method = parts.method.clone();
    http.path = Some(arrival.raw_path.clone());
    http.protocol = Some(format!("{:?}", parts.version));
    http.source_ip = Some(arrival.at.peer.ip().to_canonical().to_string());
    http.user_agent = user_agent
        .and_then(|agent| headers::text(agent).ok())
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
