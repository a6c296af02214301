//! Cookies: headers are bytes, and what a neighbour's cookie holds changes nothing for ours.

use lambda::request::cookie;
use lambda_http::http::HeaderValue;
use lambda_http::{Body, Request};

const NAMES: [&str; 3] = ["__Host-consent-form", "__Host-consent-x", "a"];

/// Each line is a `Cookie` header. A name has a value if and only if it comes once; one of
/// plain ASCII is handed on to the letter.
pub(super) fn cookies(data: &[u8]) {
    let lines = data.split(|byte| *byte == b'\n');
    let headers: Vec<&[u8]> = lines
        .filter(|line| HeaderValue::from_bytes(line).is_ok())
        .collect();
    let mut request = Request::new(Body::Empty);
    for header in &headers {
        let header = HeaderValue::from_bytes(header).unwrap();
        request.headers_mut().append("cookie", header);
    }
    for name in NAMES {
        let found = cookie(&request, name);
        match values(&headers, name).as_slice() {
            [value] if value.is_ascii() => {
                assert_eq!(found.as_deref().map(str::as_bytes), Some(*value), "{name}");
            }
            // Not one of ours: refused, or handed on to the letter.
            [value] => assert!(
                found.is_none_or(|found| found.as_bytes() == *value),
                "{name}"
            ),
            _ => assert_eq!(found, None, "{name}"),
        }
    }
}

fn values<'h>(headers: &[&'h [u8]], name: &str) -> Vec<&'h [u8]> {
    let mut values = Vec::new();
    for pair in headers
        .iter()
        .flat_map(|header| header.split(|byte| *byte == b';'))
    {
        let pair = trimmed(pair);
        if let Some(value) = pair.strip_prefix(name.as_bytes())
            && let Some(value) = value.strip_prefix(b"=")
        {
            values.push(value);
        }
    }
    values
}

/// Without the blanks around it that RFC 6265 §5.4 puts there: spaces and tabs, no others.
fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}
