//! An event is the request that was sent.

use lambda_http::http::header::{COOKIE, HOST};
use lambda_http::http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::*;
use crate::request;

#[test]
fn a_query_means_what_the_client_sent_whatever_characters_it_holds() {
    let long = "a".repeat(60_000);
    let rows = [
        ("q=a+b", "a b"),
        ("q=a b", "a b"),
        ("q=a%20b", "a b"),
        ("q=a%2Bb", "a+b"),
        ("q=\"a\"", "\"a\""),
        ("q=<a>", "<a>"),
        ("q=a\u{7f}b", "a\u{7f}b"),
        ("q=a#b", "a#b"),
        ("q=a?b/c:d@e", "a?b/c:d@e"),
        ("q=\u{0}\n\t", "\u{0}\n\t"),
        ("q=caf\u{e9}\u{2028}\u{1f980}", "caf\u{e9}\u{2028}\u{1f980}"),
        ("q={`|\\^}[]", "{`|\\^}[]"),
        ("q=%25", "%"),
        ("x=1&q=a b&y", "a b"),
        (&format!("q={long}"), long.as_str()),
    ];
    for (query, value) in rows {
        let request = read(&with("/rawQueryString", json!(query)).to_string()).unwrap();
        let fields = request::query(&request).unwrap();
        assert_eq!(fields.optional("q", 99_999), Ok(Some(value)), "{query:?}");
    }
}

#[test]
fn the_path_is_the_gateways_to_the_letter() {
    let rows = [
        "/",
        "//a//",
        "/a b",
        "/a?b#c",
        "/\u{7f}\u{0}\"<>`{}",
        "/caf\u{e9}/\u{202e}",
        "/%ff%zz%",
        "/../..",
        "/http://evil.example/",
        "/@[::1]:99999",
    ];
    for path in rows {
        let request = read(&with("/rawPath", json!(path)).to_string()).unwrap();
        assert_eq!(request::path(&request), path);
        assert_eq!(request.uri().query(), None, "{path:?}");
    }
}

#[test]
fn hosts_schemes_and_forwarding_headers_are_headers_and_nothing_else() {
    let rows = ["[", "a b", "", "a/b", "https, http", "1", "caf\u{e9}", "\\"];
    for name in ["host", "x-forwarded-proto", "x-forwarded-for"] {
        for value in rows {
            let request = read(&with("/headers", json!({ name: value })).to_string()).unwrap();
            assert_eq!(request.headers()[name].as_bytes(), value.as_bytes());
            assert_eq!(request.uri(), "/a");
        }
    }
}

#[test]
fn what_is_absent_or_null_is_empty() {
    let mut bare = event();
    for field in ["rawQueryString", "headers", "isBase64Encoded"] {
        bare.as_object_mut().unwrap().remove(field);
    }
    let mut null = bare.clone();
    for field in [
        "rawQueryString",
        "headers",
        "isBase64Encoded",
        "cookies",
        "body",
    ] {
        null[field] = Value::Null;
    }
    for event in [bare, null] {
        let request = read(&event.to_string()).unwrap();
        assert_eq!(request.method(), Method::GET);
        assert_eq!(request.uri(), "/a");
        assert!(request.headers().is_empty());
        assert_eq!(request.body(), &Body::Empty);
        assert_eq!(request::request_id(&request), "gateway-1");
    }
}

#[test]
fn cookies_are_headers_of_their_own_and_the_list_is_all_of_them() {
    let mut event = with("/cookies", json!(["a=1", "b=caf\u{e9}", "c=\"3,4\""]));
    event["headers"]["Cookie"] = json!("a=1; b=caf\u{e9}");
    let request = read(&event.to_string()).unwrap();
    let cookies = request.headers().get_all(COOKIE);
    let cookies: Vec<_> = cookies.iter().map(HeaderValue::as_bytes).collect();
    assert_eq!(
        cookies,
        [&b"a=1"[..], "b=caf\u{e9}".as_bytes(), b"c=\"3,4\""]
    );
    assert_eq!(request::cookie(&request, "a").as_deref(), Some("1"));
}

#[test]
fn a_header_that_comes_twice_in_two_spellings_has_no_value() {
    let event = with(
        "/headers",
        json!({"Host": "a.example", "host": "b.example"}),
    );
    let request = read(&event.to_string()).unwrap();
    assert_eq!(request.headers().get_all(HOST).iter().count(), 2);
    assert_eq!(request::header(&request, "host"), None);
}

#[test]
fn a_body_is_the_bytes_that_were_sent() {
    let rows = [
        (json!(""), false, &b""[..]),
        (json!("caf\u{e9}"), false, "caf\u{e9}".as_bytes()),
        (json!("/w=="), false, b"/w=="),
        (json!("/w=="), true, b"\xff"),
        (json!(""), true, b""),
    ];
    for (body, is_base64, bytes) in rows {
        let mut event = with("/body", body.clone());
        event["isBase64Encoded"] = json!(is_base64);
        let request = read(&event.to_string()).unwrap();
        assert_eq!(&request.body()[..], bytes, "{body} {is_base64}");
    }
}

#[test]
fn an_id_that_is_none_gives_way_to_the_invocations() {
    let long = "a".repeat(129);
    for id in [
        "",
        " ",
        "a b",
        "a\nb",
        "caf\u{e9}",
        "\u{2028}",
        long.as_str(),
    ] {
        let event = with("/requestContext/requestId", json!(id));
        let request = read(&event.to_string()).unwrap();
        assert_eq!(request::request_id(&request), "invocation-1", "{id:?}");
    }
    let request = read(&with("/requestContext/requestId", Value::Null).to_string()).unwrap();
    assert_eq!(request::request_id(&request), "invocation-1");
}

#[tokio::test]
async fn no_other_method_is_taken_for_get() {
    for method in [
        "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "head", "Head", "HEADS",
    ] {
        let event = with("/requestContext/http/method", json!(method));
        let request = read(&event.to_string()).unwrap();
        assert_eq!(request::method(&request).as_str(), method);
    }
}
