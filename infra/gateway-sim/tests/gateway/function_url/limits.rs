//! What is refused besides the signature's own faults, and a function that fails.

use std::time::Duration;

use tokio::time::timeout;

use super::{
    attempt::{Attempt, DATE},
    *,
};

/// A loaded machine is slow; what is not answered after this never will be.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_signature_in_the_query_is_refused_in_words_that_say_so() {
    let recorder = Recorder::ok();
    let running = start(recorder.clone()).await;
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KEY_ID}&X-Amz-Date={DATE}&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
    );
    let mut both = Attempt::at(&running.host());
    both.query = "X-Amz-Signature=00".into();
    let requests = [
        running
            .head(&format!("GET /tenants?{query}"), 0)
            .into_bytes(),
        running
            .head("GET /tenants?x-amz-%73ignature=00", 0)
            .into_bytes(),
        both.sign().bytes(),
    ];
    for request in requests {
        let answer = running.exchange(request).await;
        is_denied(
            "query",
            &answer,
            "IncompleteSignatureException",
            "no signature in the query",
        );
    }
    assert_eq!(recorder.calls(), 0);
}

#[tokio::test]
async fn a_query_with_several_meanings_of_one_signature_is_refused() {
    let recorder = Recorder::ok();
    let running = start(recorder.clone()).await;
    let mut attempt = Attempt::at(&running.host());
    attempt.query = "a=%FF".into();
    let answer = running.exchange(attempt.sign().bytes()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(recorder.calls(), 0);
}

/// Who has not signed gets no byte of a body read; who has is held to Lambda's 6 MB.
#[tokio::test]
async fn a_body_above_6_mb_is_refused_and_an_unsigned_one_unread() {
    let recorder = Recorder::ok();
    let running = start(recorder.clone()).await;
    for length in [6 * 1024 * 1024 + 1, 10 * 1024 * 1024] {
        let mut attempt = Attempt::at(&running.host());
        attempt.body = vec![b'a'; length];
        let answer = running.exchange(attempt.sign().bytes()).await;
        assert_eq!(answer.status, 413, "{length}");
    }
    // Only heads are sent: the answers come all the same.
    let signed = Attempt::at(&running.host()).sign().bytes();
    let signed = String::from_utf8(signed).unwrap();
    let signed = signed.replace("Content-Length: 29", "Content-Length: 6291457");
    let signed = &signed[..signed.find("\r\n\r\n").unwrap() + 4];
    let unsigned = running.head("POST /\nExpect: 100-continue", 10 * 1024 * 1024);
    for (head, status) in [(signed, b"HTTP/1.1 413"), (&unsigned, b"HTTP/1.1 403")] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut start = [0; 12];
        let answered = timeout(PATIENCE, stream.read_exact(&mut start)).await;
        answered.expect("an answer before the body").unwrap();
        assert_eq!(&start, status, "{head}");
    }
    assert_eq!(recorder.calls(), 0);
}

#[tokio::test]
async fn what_every_gateway_refuses_is_refused_here() {
    let recorder = Recorder::ok();
    let running = start(recorder.clone()).await;
    let signed = |line: &str| {
        let mut sent = Attempt::at(&running.host()).sign();
        sent.line = line.to_owned();
        sent
    };
    let mut evil = signed("POST /");
    evil.change("host", |_| "evil.example".to_owned());
    let rows = [
        (signed("PROPFIND /"), 405),
        (signed("OPTIONS *"), 400),
        (evil, 403),
    ];
    for (sent, status) in rows {
        let answer = running.exchange(sent.bytes()).await;
        assert_eq!(answer.status, status, "{}", sent.line);
        assert_eq!(answer.header("x-amzn-errortype"), None, "{}", sent.line);
    }
    assert_eq!(recorder.calls(), 0);
}

#[tokio::test]
async fn a_function_that_fails_is_a_bad_gateway() {
    let recorder = Recorder::new(json!({"statusCode": 0, "cookies": []}));
    let running = start(recorder.clone()).await;
    let answer = running
        .exchange(Attempt::at(&running.host()).sign().bytes())
        .await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.body, br#"{"Message":"Internal Server Error"}"#);
    assert_eq!(recorder.calls(), 1);
}
