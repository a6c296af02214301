//! An event that is no request is refused, with the id that there is.

use serde_json::{Value, json};

use super::*;
use crate::written::Written;

fn refusal(text: &str) -> (Unusable, String) {
    let refused = read(text).unwrap_err();
    (refused.reason, refused.request_id)
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
fn a_refusal_quotes_nothing_of_the_event() {
    let written = Written::default();
    let log = written.clone();
    let lines = crate::telemetry::json_lines(None, move || log.clone());
    let _listening = crate::written::listen(lines);
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
