use lambda_http::http::header::{COOKIE, HOST, SET_COOKIE};
use lambda_http::http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::*;
use crate::request;
use crate::written::Written;

fn event() -> Value {
    json!({
        "version": "2.0",
        "rawPath": "/a",
        "rawQueryString": "",
        "headers": {"host": "broker.example"},
        "requestContext": {"requestId": "gateway-1", "http": {"method": "GET"}},
        "isBase64Encoded": false,
    })
}

fn with(place: &str, value: Value) -> Value {
    let mut event = event();
    match event.pointer_mut(place) {
        Some(found) => *found = value,
        None => event[place.trim_start_matches('/')] = value,
    }
    event
}

fn read(text: &str) -> Result<Request, Refused> {
    let event: HttpEvent = serde_json::from_str(text).unwrap();
    event.into_request("invocation-1")
}

fn refusal(text: &str) -> (Unusable, String) {
    let refused = read(text).unwrap_err();
    (refused.reason, refused.request_id)
}

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
fn what_is_no_request_is_refused_with_a_reason_and_the_request_id() {
    let many: serde_json::Map<_, _> = (0..40_000)
        .map(|number| (format!("x-{number}"), json!("")))
        .collect();
    let rows = [
        (with("/rawPath", json!("a/b")), Unusable::Path),
        (with("/rawPath", json!("")), Unusable::Path),
        (
            with("/rawPath", json!("https://evil.example/")),
            Unusable::Path,
        ),
        (
            with("/rawPath", json!(format!("/{}", "a".repeat(70_000)))),
            Unusable::TooLong,
        ),
        (
            with("/rawQueryString", json!("\"".repeat(30_000))),
            Unusable::TooLong,
        ),
        (with("/cookies", json!(["a=1", "b=\n"])), Unusable::Cookies),
        (with("/rawPath", Value::Null), Unusable::Format),
        (with("/version", json!("1.0")), Unusable::Format),
        (with("/version", Value::Null), Unusable::Format),
        (
            with("/requestContext/http/method", json!("G ET")),
            Unusable::Format,
        ),
        (with("/requestContext/http", json!({})), Unusable::Format),
        (with("/headers", json!({"x": "a\u{7f}b"})), Unusable::Format),
        (
            with("/headers", json!({"x": "a\r\ny: b"})),
            Unusable::Format,
        ),
        (with("/headers", json!({"a b": ""})), Unusable::Format),
        (with("/headers", json!({"caf\u{e9}": ""})), Unusable::Format),
        (with("/headers", json!({"": ""})), Unusable::Format),
        (with("/headers", json!({"x": ["1", "2"]})), Unusable::Format),
        (with("/headers", Value::Object(many)), Unusable::Format),
        (with("/isBase64Encoded", json!("yes")), Unusable::Format),
    ];
    for (event, reason) in rows {
        let shown: String = event.to_string().chars().take(300).collect();
        let expected = (reason, "gateway-1".to_owned());
        assert_eq!(refusal(&event.to_string()), expected, "{shown}");
    }
    for body in ["%", "a", "YT1i\n", "YT1i=", "caf\u{e9}"] {
        let mut event = with("/body", json!(body));
        event["isBase64Encoded"] = json!(true);
        assert_eq!(refusal(&event.to_string()).0, Unusable::Body, "{body:?}");
    }
    let surrogate = event().to_string().replace("\"/a\"", r#""/\ud800""#);
    assert_eq!(refusal(&surrogate), (Unusable::Format, "gateway-1".into()));
}

#[test]
fn other_events_are_refused_with_the_id_that_there_is() {
    let deep = format!("{}{}", "[".repeat(9_000), "]".repeat(9_000));
    let v1 = r#"{"version":"1.0","resource":"/a","path":"/a","httpMethod":"GET",
        "headers":{},"requestContext":{"requestId":"gateway-1","httpMethod":"GET"}}"#;
    let rows = [
        (v1, "gateway-1"),
        ("null", "invocation-1"),
        ("1", "invocation-1"),
        ("\"/a\"", "invocation-1"),
        ("[]", "invocation-1"),
        ("{}", "invocation-1"),
        (r#"{"Records":[{"eventSource":"aws:sqs"}]}"#, "invocation-1"),
        (r#"{"detail-type":"Scheduled Event"}"#, "invocation-1"),
        (r#"{"requestContext":{"requestId":7}}"#, "invocation-1"),
        (r#"{"requestContext":{"elb":{}}}"#, "invocation-1"),
        (deep.as_str(), "invocation-1"),
    ];
    for (text, id) in rows {
        let shown: String = text.chars().take(60).collect();
        let expected = (Unusable::Format, id.to_owned());
        assert_eq!(refusal(text), expected, "{shown}");
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

#[test]
fn a_refusal_quotes_nothing_of_the_event() {
    let written = Written::default();
    let log = written.clone();
    let lines = crate::telemetry::json_lines(None, move || log.clone());
    let _listening = tracing::subscriber::set_default(lines);
    let event = with("/headers", json!({"authorization": "Bearer sesame\u{7f}"}));
    let refused = read(&event.to_string()).unwrap_err();
    let response = refused.response();
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["x-request-id"], "gateway-1");
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(
        (&body["error"], &body["fault"], &body["request_id"]),
        (
            &json!("invalid_request"),
            &json!("caller"),
            &json!("gateway-1")
        )
    );
    let [line] = &written.lines()[..] else {
        panic!("one line: {:?}", written.lines());
    };
    assert_eq!(
        (&line["event"], &line["level"], &line["request_id"]),
        (&json!("event_refused"), &json!("WARN"), &json!("gateway-1"))
    );
    assert!(!format!("{line}{body}").contains("sesame"), "{line} {body}");
}

#[tokio::test]
async fn an_answer_has_its_cookies_in_their_list() {
    let event: HttpEvent = serde_json::from_value(event()).unwrap();
    let answer = event.answered("invocation-1", |request| async move {
        let mut response = Response::new(Body::Text(request.uri().to_string()));
        *response.status_mut() = StatusCode::IM_A_TEAPOT;
        for cookie in ["a=1", "b=2"] {
            let cookie = HeaderValue::from_static(cookie);
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    });
    let answer = serde_json::to_value(answer.await).unwrap();
    let expected = json!({
        "statusCode": 418,
        "headers": {},
        "multiValueHeaders": {},
        "cookies": ["a=1", "b=2"],
        "body": "/a",
        "isBase64Encoded": false,
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn bytes_are_answered_in_base64_and_nothing_without_a_body() {
    let rows = [
        (Body::Binary(vec![0xff]), json!("/w=="), true),
        (Body::Empty, Value::Null, false),
    ];
    for (body, expected, is_base64) in rows {
        let event: HttpEvent = serde_json::from_value(event()).unwrap();
        let answer = event.answered("", |_| async { Response::new(body) }).await;
        let answer = serde_json::to_value(answer).unwrap();
        assert_eq!(answer["body"], expected);
        assert_eq!(answer["isBase64Encoded"], is_base64);
    }
}

/// What a function answers to GET, which it was asked for.
async fn get(request: Request) -> Response<Body> {
    assert_eq!(request::method(&request), Method::GET);
    let mut response = Response::new(Body::Text("body".to_owned()));
    *response.status_mut() = StatusCode::IM_A_TEAPOT;
    let headers = response.headers_mut();
    headers.insert("x-request-id", HeaderValue::from_static("1"));
    headers.insert(SET_COOKIE, HeaderValue::from_static("a=b"));
    response
}

#[tokio::test]
async fn head_is_asked_and_answered_as_get_without_a_body() {
    let asked = |method: &str| {
        let event = with("/requestContext/http/method", json!(method));
        let event: HttpEvent = serde_json::from_str(&event.to_string()).unwrap();
        event.answered("invocation-1", get)
    };
    let (mut got, head) = (asked("GET").await, asked("HEAD").await);
    assert!(got.body.take().is_some());
    assert_eq!(head, got);
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
