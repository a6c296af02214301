//! What kind of body came. Nearly every text can be read as a form, so that a form is known
//! by its media type, and where none is named by what it does not look like. A client that
//! sends JSON or multipart is answered with what it sent.

use std::borrow::Cow;
use std::fmt;

use lambda_http::http::{HeaderMap, HeaderValue, header};

/// What HTML forms and token requests are sent as (RFC 6749 §4.4.2).
const FORM: &str = "application/x-www-form-urlencoded";
/// The registered top-level types (RFC 6838 §4.2 and its successors).
const TOP_LEVEL: [&str; 11] = [
    "application",
    "audio",
    "example",
    "font",
    "haptics",
    "image",
    "message",
    "model",
    "multipart",
    "text",
    "video",
];
/// The longest subtype that is shown, in bytes (RFC 6838 §4.2).
const SUBTYPE_MAX: usize = 64;
/// Where a body of several parts names its first one.
const BEGINNING: usize = 512;

/// What came in place of what is read, for the answer: never more of it than its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received(Cow<'static, str>);

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What came, where it is no form.
pub(crate) fn check_form(headers: &HeaderMap, body: &[u8]) -> Result<(), Received> {
    match other_than(headers, |name| name == FORM) {
        Some(other) => Err(other),
        None => match looks_like(body) {
            Some(kind) => Err(Received(kind.into())),
            None => Ok(()),
        },
    }
}

/// The media type of a body that should be JSON and is called something else.
pub fn other_than_json(headers: &HeaderMap) -> Option<Received> {
    other_than(headers, |name| {
        name == "application/json" || name.ends_with("+json")
    })
}

/// The first `Content-Type` that is not `expected`; none where none is named.
fn other_than(headers: &HeaderMap, expected: impl Fn(&str) -> bool) -> Option<Received> {
    let values = headers.get_all(header::CONTENT_TYPE).iter();
    let named = values.filter(|value| !value.is_empty()).map(media_type);
    named
        .map(|name| name.unwrap_or_else(|| "a Content-Type that names no media type".into()))
        .find(|name| !expected(name))
        .map(Received)
}

/// Type and subtype in lower case, without parameters (RFC 9110 §8.3.1). Only what looks like
/// a registered name: a secret that slipped into the header is not shown. Gateways join a
/// header that came twice by a comma (RFC 9110 §5.3): the same type twice is that type.
fn media_type(value: &HeaderValue) -> Option<Cow<'static, str>> {
    let text = value.to_str().ok()?;
    let mut named = text
        .split(',')
        .map(|one| one.split(';').next().unwrap_or_default().trim());
    let essence = named.next()?.to_ascii_lowercase();
    if named.any(|other| !other.eq_ignore_ascii_case(&essence)) {
        return None;
    }
    let (kind, subtype) = essence.split_once('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let is_name = TOP_LEVEL.contains(&kind)
        && (1..=SUBTYPE_MAX).contains(&subtype.len())
        && subtype.bytes().all(plain);
    is_name.then(|| essence.into())
}

/// What a body is that begins as no form does: the encoding escapes each of these bytes,
/// but for the hyphen.
fn looks_like(body: &[u8]) -> Option<&'static str> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let body = body.trim_ascii_start();
    let beginning = body.get(..BEGINNING).unwrap_or(body);
    let names_a_part = |text: &[u8]| text.eq_ignore_ascii_case(b"content-disposition:");
    match body.first()? {
        b'{' | b'[' => Some("JSON"),
        b'<' => Some("XML"),
        b'-' if beginning.windows(20).any(names_a_part) => Some("multipart/form-data"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&[u8]]) -> HeaderMap {
        let value = |bytes: &&[u8]| HeaderValue::from_bytes(bytes).unwrap();
        let pairs = values
            .iter()
            .map(|bytes| (header::CONTENT_TYPE, value(bytes)));
        pairs.collect()
    }

    fn form(values: &[&[u8]], body: &[u8]) -> Result<(), String> {
        check_form(&headers(values), body).map_err(|received| received.to_string())
    }

    /// Headers, a body, and what is shown of the two.
    type Row<'a> = (&'a [&'a [u8]], &'a [u8], &'a str);

    const A_FORM: &[u8] = b"grant_type=client_credentials";

    #[test]
    fn a_form_is_one_in_any_spelling_of_its_type_or_without_one() {
        let rows: [(&[&[u8]], &[u8]); 13] = [
            (&[b"application/x-www-form-urlencoded"], A_FORM),
            (
                &[b"application/x-www-form-urlencoded; charset=utf-8"],
                A_FORM,
            ),
            (
                &[b"application/x-www-form-urlencoded;charset=UTF-8"],
                A_FORM,
            ),
            (&[b"Application/X-WWW-Form-UrlEncoded"], A_FORM),
            (&[b" application/x-www-form-urlencoded ;"], A_FORM),
            (&[FORM.as_bytes(), FORM.as_bytes()], A_FORM),
            (
                &[b"application/x-www-form-urlencoded,application/x-www-form-urlencoded"],
                A_FORM,
            ),
            (
                &[b"application/x-www-form-urlencoded; charset=utf-8, Application/x-www-form-urlencoded"],
                A_FORM,
            ),
            (&[], A_FORM),
            (&[b""], A_FORM),
            (&[], b""),
            (&[FORM.as_bytes()], b"--x=1&grant_type=client_credentials"),
            (&[FORM.as_bytes()], b"%7B=1"),
        ];
        for (values, body) in rows {
            assert_eq!(form(values, body), Ok(()), "{values:?} {body:?}");
        }
    }

    #[test]
    fn what_is_no_form_is_named_by_its_kind_alone() {
        let part: &[u8] = b"--b\r\nContent-Disposition: form-data; name=\"scope\"\r\n\r\nx";
        let unnamed = "a Content-Type that names no media type";
        let rows: [Row<'_>; 19] = [
            (&[b"application/json"], b"{}", "application/json"),
            (
                &[b"Application/JSON; charset=utf-8"],
                b"{}",
                "application/json",
            ),
            (
                &[b"multipart/form-data; boundary=b"],
                part,
                "multipart/form-data",
            ),
            (&[b"text/plain;charset=UTF-8"], A_FORM, "text/plain"),
            (&[b"application/xml"], b"<a/>", "application/xml"),
            (&[b"application/soap+xml"], b"<a/>", "application/soap+xml"),
            (
                &[b"application/octet-stream"],
                A_FORM,
                "application/octet-stream",
            ),
            (&[FORM.as_bytes(), b"text/plain"], A_FORM, "text/plain"),
            (&[], b"{\"grant_type\":\"client_credentials\"}", "JSON"),
            (&[], b"\xef\xbb\xbf \r\n[1]", "JSON"),
            (&[], b"<xml/>", "XML"),
            (&[], part, "multipart/form-data"),
            (&[FORM.as_bytes()], b"{\"a\":1}", "JSON"),
            (&[b"eyJhbGciOiJSUzI1NiJ9.e30.c2ln"], A_FORM, unnamed),
            (&[b"Bearer eyJhbGci/OiJSUzI1NiJ9"], A_FORM, unnamed),
            (&[b"application/m365tb_name_c2VjcmV0"], A_FORM, unnamed),
            (&[b"secret/plain"], A_FORM, unnamed),
            (&[b"text/caf\xe9"], A_FORM, unnamed),
            (&[b"application/json, text/plain"], A_FORM, unnamed),
        ];
        for (values, body, expected) in rows {
            assert_eq!(form(values, body), Err(expected.to_owned()), "{values:?}");
        }
        let long = format!("text/{}", "x".repeat(65));
        assert_eq!(form(&[long.as_bytes()], b""), Err(unnamed.to_owned()));
    }

    #[test]
    fn json_is_what_is_called_so_or_nothing() {
        let rows: [(&[&[u8]], Option<&str>); 7] = [
            (&[], None),
            (&[b"application/json"], None),
            (&[b"application/json; charset=utf-8"], None),
            (&[b"application/problem+json"], None),
            (&[FORM.as_bytes()], Some(FORM)),
            (&[b"text/json"], Some("text/json")),
            (
                &[b"multipart/form-data; boundary=x"],
                Some("multipart/form-data"),
            ),
        ];
        for (values, expected) in rows {
            let other = other_than_json(&headers(values)).map(|other| other.to_string());
            assert_eq!(other.as_deref(), expected, "{values:?}");
        }
    }
}
