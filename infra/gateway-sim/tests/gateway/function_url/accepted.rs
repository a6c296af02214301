//! Who signs with the run's key is let in as the key's role, and as nothing else.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};

use super::{
    super::events::{LOOK_ALIKE_BODY, LOOK_ALIKES},
    attempt::{Attempt, DATE, sha256},
    *,
};

fn own_iam() -> Value {
    json!({
        "accessKey": KEY_ID,
        "accountId": "000000000000",
        "callerId": "AROAIOSFODNN7EXAMPLE1:one-machine",
        "principalOrgId": null,
        "userArn": "arn:aws:sts::000000000000:assumed-role/local-caller/one-machine",
        "userId": "AROAIOSFODNN7EXAMPLE1:one-machine",
    })
}

#[tokio::test]
async fn a_signed_request_arrives_with_the_whole_context() {
    let recorder = Recorder::ok();
    let running = start(recorder.clone()).await;
    let mut attempt = Attempt::at(&running.host());
    attempt.path = "/a%2Fb/c".to_owned();
    let answer = running.exchange(attempt.sign().bytes()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-amzn-requestid"), Some("request-1"));
    assert_eq!(answer.header("apigw-requestid"), None);
    let event = recorder.only_event();
    let context = json!({
        "accountId": "000000000000",
        "apiId": "local-url",
        "authorizer": {"iam": own_iam()},
        "domainName": "localhost",
        "domainPrefix": "localhost",
        "http": {
            "method": "POST",
            "path": "/a%2Fb/c",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": null,
        },
        "requestId": "request-1",
        "routeKey": "$default",
        "stage": "$default",
        "time": "07/Aug/2026:01:37:53 +0000",
        "timeEpoch": NOW,
    });
    assert_eq!(event["requestContext"], context);
    let expected = [
        ("routeKey", json!("$default")),
        ("rawPath", json!("/a%2Fb/c")),
        ("rawQueryString", json!("a=1&b=2")),
        ("pathParameters", json!(null)),
        ("body", json!("Z3JhbnRfdHlwZT1jbGllbnRfY3JlZGVudGlhbHM=")),
        ("isBase64Encoded", json!(true)),
    ];
    for (name, value) in expected {
        assert_eq!(event[name], value, "{name}");
    }
    assert_eq!(event["headers"]["x-amz-date"], DATE);
    assert_eq!(event["headers"]["authorization"], json!(null));
}

/// What aws-sigv4 adds to a request, and the request without a query or with one.
fn signed_by_the_sdk(host: &str, line: &str, settings: SigningSettings) -> String {
    let (method, target) = line.split_once(' ').unwrap();
    let identity = Credentials::new(KEY_ID, SECRET, None, None, "test").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("lambda")
        .time(SystemTime::UNIX_EPOCH + Duration::from_millis(NOW.unsigned_abs()))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let headers = [("content-type", "text/plain"), ("user-agent", "agent/1")];
    let request = SignableRequest::new(
        method,
        format!("http://{host}{target}"),
        headers.into_iter(),
        SignableBody::Bytes(b"body"),
    );
    let (instructions, _) = sign(request.unwrap(), &parameters).unwrap().into_parts();
    let added: String = instructions
        .headers()
        .map(|(name, value)| format!("\n{name}: {value}"))
        .collect();
    format!("{line}\nContent-Type: text/plain\nUser-Agent: agent/1{added}")
}

#[tokio::test]
async fn what_the_sdk_signs_is_let_in_however_it_is_spelled() {
    let recorder = Recorder::ok();
    let running = start(recorder.clone()).await;
    let lines = [
        "POST /",
        "POST /tenants",
        "PUT /a%20b/%C3%A9/c(d)",
        "POST /a//b/./c/../d",
        "POST /?b=2&a=1&a=%2F&c=x%20y&d=x+y&e",
        "POST /?%C3%A9=%C3%A9&redirect=https://x.example/?y",
    ];
    for line in lines {
        let mut with_hash = SigningSettings::default();
        with_hash.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        for settings in [SigningSettings::default(), with_hash] {
            let head = signed_by_the_sdk(&running.host(), line, settings);
            let answer = running.send(&head, b"body").await;
            let body = String::from_utf8_lossy(&answer.body);
            assert_eq!(answer.status, 200, "{line}: {body}");
            let event = recorder.events.lock().unwrap().pop().unwrap();
            let iam = &event["requestContext"]["authorizer"]["iam"];
            assert_eq!(*iam, own_iam(), "{line}");
            let query = line.split_once('?').map_or("", |(_, query)| query);
            // A function URL's word for a plus.
            assert_eq!(event["rawQueryString"], query.replace('+', " "), "{line}");
        }
    }
}

#[tokio::test]
async fn a_path_that_does_not_decode_is_the_functions_to_read() {
    let recorder = Recorder::ok();
    let running = start(recorder.clone()).await;
    for path in ["/a%ff", "/%zz", "/%"] {
        let mut attempt = Attempt::at(&running.host());
        attempt.path = path.to_owned();
        let answer = running.exchange(attempt.sign().bytes()).await;
        assert_eq!(answer.status, 200, "{path}");
        let event = recorder.events.lock().unwrap().pop().unwrap();
        assert_eq!(event["rawPath"], path);
    }
}

#[tokio::test]
async fn a_signature_holds_for_five_minutes_either_way() {
    let recorder = Recorder::ok();
    let running = start(recorder.clone()).await;
    for date in ["20260807T013253Z", "20260807T014253Z"] {
        let mut attempt = Attempt::at(&running.host());
        attempt.set("x-amz-date", date);
        let answer = running.exchange(attempt.sign().bytes()).await;
        assert_eq!(answer.status, 200, "{date}");
    }
    assert_eq!(recorder.calls(), 2);
}

#[tokio::test]
async fn look_alikes_of_a_signed_client_change_nothing() {
    let recorder = Recorder::ok();
    let running = start(recorder.clone()).await;
    let mut attempt = Attempt::at(&running.host());
    attempt.body = LOOK_ALIKE_BODY.to_vec();
    for line in LOOK_ALIKES.lines() {
        let (name, value) = line.split_once(": ").unwrap();
        attempt.set(&name.to_lowercase(), value);
    }
    attempt.set(
        "x-amz-user-arn",
        "arn:aws:sts::111122223333:assumed-role/admin/x",
    );
    attempt.set("x-amz-content-sha256", &sha256(LOOK_ALIKE_BODY));
    attempt.signed_headers = "host;x-amz-content-sha256;x-amz-date;x-amz-user-arn".to_owned();
    assert_eq!(running.exchange(attempt.sign().bytes()).await.status, 200);
    let context = recorder.only_event()["requestContext"].clone();
    assert_eq!(context["authorizer"], json!({"iam": own_iam()}));
    assert!(!context.to_string().contains("111122223333"), "{context}");
}
