//! What a function is given.

use std::collections::BTreeSet;

use axum::http::Method;

use super::*;

#[tokio::test]
async fn an_event_has_every_field_of_payload_format_2_0() {
    let recorder = Recorder::ok();
    let routes = Routes::new().route(Method::POST, "/a/{name}", recorder.clone());
    let running = Running::start(routes).await;
    let host = running.host();
    let head = "POST /a/b%20c?x=1&y=%26&x=2+3\nUser-Agent: agent/1\nContent-Type: application/json\nX-Two: a\nx-two: b";
    assert_eq!(running.send(head, br#"{"k":"v"}"#).await.status, 200);
    let mut event = recorder.only_event();
    // Fields of the type that payload format 2.0 does not have.
    for field in [
        "type",
        "methodArn",
        "httpMethod",
        "identitySource",
        "authorizationToken",
        "resource",
    ] {
        event.as_object_mut().unwrap().remove(field);
    }
    let port = running.address.port().to_string();
    let expected = json!({
        "version": "2.0",
        "routeKey": "POST /a/{name}",
        "rawPath": "/a/b c",
        "rawQueryString": "x=1&y=%26&x=2+3",
        "headers": {
            "host": host,
            "user-agent": "agent/1",
            "content-type": "application/json",
            "content-length": "9",
            "x-two": "a,b",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": port,
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"x": "1,2 3", "y": "&"},
        "pathParameters": {"name": "b c"},
        "stageVariables": {},
        "body": r#"{"k":"v"}"#,
        "isBase64Encoded": false,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "localhost",
            "domainPrefix": "localhost",
            "http": {
                "method": "POST",
                "path": "/a/b c",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "agent/1",
            },
            "requestId": "request-1",
            "routeKey": "POST /a/{name}",
            "stage": "$default",
            "time": "07/Aug/2026:01:37:53 +0000",
            "timeEpoch": NOW,
        },
    });
    assert_eq!(event, expected);
    let context = recorder.contexts.lock().unwrap().pop().unwrap();
    assert_eq!(context.request_id, "request-2", "Lambda's own id");
    assert_eq!(context.deadline, u64::try_from(NOW).unwrap() + 30_000);
}

#[tokio::test]
async fn cookies_leave_the_headers_for_their_list() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    running
        .send("GET /\nCookie: a=1; b=2;\nCookie: c=\"3,4\"", b"")
        .await;
    let event = recorder.only_event();
    assert_eq!(event["cookies"], json!(["a=1", "b=2", "c=\"3,4\""]));
    assert_eq!(event["headers"]["cookie"], json!(null));
}

#[tokio::test]
async fn a_cookie_is_cut_out_as_bytes_and_none_spoils_another() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    let table: [(&[u8], Value); 10] = [
        (b"a=1; b=2", json!(["a=1", "b=2"])),
        (b"a=1;b=2;", json!(["a=1", "b=2"])),
        (b"\t a=1 \t;  b=2", json!(["a=1", "b=2"])),
        (b"a=\"1;2\"", json!(["a=\"1", "2\""])),
        (b"; ;", Value::Null),
        (b"a=caf\xc3\xa9; b=2", json!(["a=caf\u{e9}", "b=2"])),
        (b"a=caf\xe9; b=2", json!(["a=caf\u{fffd}", "b=2"])),
        (b"\xff\xfe; b=2", json!(["\u{fffd}\u{fffd}", "b=2"])),
        (b"\xe2\x80\x80__Host-a=1", json!(["\u{2000}__Host-a=1"])),
        (
            b"\xc2\xa0__Host-a=1; \xc2\x85b=2",
            json!(["\u{a0}__Host-a=1", "\u{85}b=2"]),
        ),
    ];
    for (sent, expected) in table {
        let mut request = running.head("GET /", 0).into_bytes();
        request.truncate(request.len() - 2);
        request.extend_from_slice(b"Cookie: ");
        request.extend_from_slice(sent);
        request.extend_from_slice(b"\r\n\r\n");
        assert_eq!(running.exchange(request).await.status, 200, "{sent:?}");
        let event = recorder.events.lock().unwrap().pop().unwrap();
        assert_eq!(event["cookies"], expected, "{sent:?}");
    }
}

#[tokio::test]
async fn the_raw_path_is_decoded_and_ends_at_a_decoded_question_mark() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    let table = [
        ("/", "/"),
        ("/a%2Fb%40c", "/a/b@c"),
        ("/%C3%A9+%2B", "/é++"),
        ("/users/me%3Fadmin=true?real=1", "/users/me"),
    ];
    for (sent, raw_path) in table {
        assert_eq!(
            running.send(&format!("GET {sent}"), b"").await.status,
            200,
            "{sent}"
        );
        let event = recorder.events.lock().unwrap().pop().unwrap();
        assert_eq!(event["rawPath"], raw_path, "{sent}");
        assert_eq!(event["requestContext"]["http"]["path"], raw_path, "{sent}");
    }
}

#[tokio::test]
async fn a_body_is_text_only_for_text_types_in_utf_8() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    let table: [(&str, &[u8], &str, bool); 10] = [
        ("Content-Type: text/plain", "é".as_bytes(), "é", false),
        (
            "Content-Type: Application/JSON; charset=utf-8",
            b"{}",
            "{}",
            false,
        ),
        ("Content-Type: application/javascript", b"1", "1", false),
        ("Content-Type: application/xml", b"<a/>", "<a/>", false),
        (
            "Content-Type: application/x-www-form-urlencoded",
            b"a=b",
            "YT1i",
            true,
        ),
        (
            "Content-Type: application/octet-stream",
            b"a=b",
            "YT1i",
            true,
        ),
        (
            "Content-Type: application/problem+json",
            b"{}",
            "e30=",
            true,
        ),
        ("X-No-Type: 1", b"a=b", "YT1i", true),
        ("Content-Type: text/plain", b"\xff", "/w==", true),
        ("Content-Type: text/plain", b"", "", false),
    ];
    for (header, body, expected, is_base64_encoded) in table {
        running.send(&format!("POST /\n{header}"), body).await;
        let event = recorder.events.lock().unwrap().pop().unwrap();
        assert_eq!(
            event["body"].as_str().unwrap_or_default(),
            expected,
            "{header}"
        );
        assert_eq!(event["isBase64Encoded"], is_base64_encoded, "{header}");
        assert_eq!(
            event["headers"]["content-length"],
            body.len().to_string(),
            "{header}"
        );
    }
}

#[tokio::test]
async fn a_chunked_body_arrives_whole() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    let head = running.head(
        "POST /\nContent-Type: text/plain\nTransfer-Encoding: chunked",
        0,
    );
    running
        .exchange(head + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        .await;
    let event = recorder.only_event();
    assert_eq!(event["body"], "abcde");
    assert_eq!(event["headers"]["content-length"], "5");
    assert_eq!(event["headers"]["transfer-encoding"], json!(null));
}

#[tokio::test]
async fn forwarding_headers_are_the_gateways_word() {
    let recorder = Recorder::ok();
    let running = Running::serving(http_api(everything_to(&recorder)), Scheme::Https).await;
    let head = "GET /\nX-Forwarded-For: 192.0.2.1\nX-Forwarded-For: 192.0.2.2\nX-Forwarded-Proto: 1\nX-Forwarded-Port: x\nForwarded: for=192.0.2.3";
    running.send(head, b"").await;
    let headers = recorder.only_event()["headers"].clone();
    assert_eq!(headers["x-forwarded-for"], "192.0.2.1,192.0.2.2, 127.0.0.1");
    assert_eq!(headers["x-forwarded-proto"], "https");
    assert_eq!(
        headers["x-forwarded-port"],
        running.address.port().to_string()
    );
    assert_eq!(headers["forwarded"], "for=192.0.2.3");
}

#[tokio::test]
async fn the_connections_own_headers_stay_behind() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    let head = "GET /\nConnection: X-Mine, Host, X-Forwarded-For\nX-Mine: 1\nTE: trailers\nKeep-Alive: 5\nProxy-Authorization: Basic eA==\nUpgrade: h2c\nX-Forwarded-For: 192.0.2.1";
    running.send(head, b"").await;
    let event = recorder.only_event();
    let mut names: Vec<_> = event["headers"].as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(
        names,
        [
            "content-length",
            "host",
            "x-forwarded-for",
            "x-forwarded-port",
            "x-forwarded-proto"
        ]
    );
    assert_eq!(event["headers"]["x-forwarded-for"], "127.0.0.1");
}

/// What a client may try in order to be taken for an AWS role.
pub(super) const LOOK_ALIKES: &str =
    "X-Amzn-Request-Context: {\"authorizer\":{\"iam\":{\"accountId\":\"111122223333\"}}}
requestContext: {\"authorizer\":{\"iam\":{\"accountId\":\"111122223333\"}}}
Authorizer: {\"iam\":{\"userArn\":\"arn:aws:sts::111122223333:assumed-role/admin/x\"}}
X-Forwarded-User-Arn: arn:aws:sts::111122223333:assumed-role/admin/x
Content-Type: application/json";
pub(super) const LOOK_ALIKE_BODY: &[u8] =
    br#"{"requestContext":{"authorizer":{"iam":{"accountId":"111122223333"}}}}"#;

#[tokio::test]
async fn an_http_apis_event_never_says_who_calls() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    let signed = "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260807/us-east-1/lambda/aws4_request, SignedHeaders=host;x-amz-date, Signature=00
X-Amz-Date: 20260807T013753Z
X-Amz-User-Arn: arn:aws:sts::111122223333:assumed-role/admin/x
X-Amz-Security-Token: x";
    let head = format!("POST /?requestContext.authorizer.iam.accountId=1\n{signed}\n{LOOK_ALIKES}");
    assert_eq!(running.send(&head, LOOK_ALIKE_BODY).await.status, 200);
    let context = recorder.only_event()["requestContext"].clone();
    let names: BTreeSet<_> = context
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "accountId",
        "apiId",
        "domainName",
        "domainPrefix",
        "http",
        "requestId",
        "routeKey",
        "stage",
        "time",
        "timeEpoch",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    assert!(!context.to_string().contains("111122223333"), "{context}");
}
