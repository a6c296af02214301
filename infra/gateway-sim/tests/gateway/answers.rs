//! What a client is given of a function's answer, and of a function's failure.

use std::future::Future;

use tokio::sync::Notify;
use tracing::Subscriber;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// Answers with the text that the closure gives for an event.
struct Saying<F>(F);

#[async_trait]
impl<F, Fut> HttpFunction for Saying<F>
where
    F: Fn(ApiGatewayV2httpRequest) -> Fut + Send + Sync,
    Fut: Future<Output = &'static str> + Send,
{
    async fn invoke(
        &self,
        event: ApiGatewayV2httpRequest,
        _: Context,
    ) -> Result<ApiGatewayV2httpResponse, FunctionError> {
        let mut answer = ApiGatewayV2httpResponse::default();
        answer.status_code = 200;
        answer.body = Some((self.0)(event).await.into());
        Ok(answer)
    }
}

async fn saying<F, Fut>(answer: F) -> Running
where
    F: Fn(ApiGatewayV2httpRequest) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = &'static str> + Send + 'static,
{
    Running::start(Routes::new().default(Arc::new(Saying(answer)))).await
}

#[tokio::test]
async fn an_answer_of_payload_format_2_0_becomes_http() {
    let recorder = Recorder::new(json!({
        "statusCode": 303,
        "headers": {
            "Location": "/next",
            "Content-Type": "text/html",
            "Content-Length": "77",
            "Connection": "keep-alive",
            "Transfer-Encoding": "gzip",
            "apigw-requestid": "mine",
        },
        "multiValueHeaders": {"X-Ignored": ["1"]},
        "cookies": ["a=1; HttpOnly", "b=2"],
        "body": "PGI+",
        "isBase64Encoded": true,
    }));
    let running = Running::start(everything_to(&recorder)).await;
    let answer = running.send("GET /", b"").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), Some("/next"));
    assert_eq!(answer.header("content-type"), Some("text/html"));
    assert_eq!(answer.header("content-length"), Some("3"));
    assert_eq!(answer.header("transfer-encoding"), None);
    assert_eq!(answer.all("set-cookie"), ["a=1; HttpOnly", "b=2"]);
    assert_eq!(answer.all("apigw-requestid"), ["request-1"]);
    assert_eq!(answer.header("x-ignored"), None);
    assert_eq!(answer.body, b"<b>");
}

#[tokio::test]
async fn a_body_without_a_type_is_plain_text_and_none_without_a_body() {
    for (body, content_type) in [
        (json!("hi"), Some("text/plain;charset=UTF-8")),
        (json!(null), None),
    ] {
        let recorder = Recorder::new(json!({"statusCode": 200, "cookies": [], "body": body}));
        let running = Running::start(everything_to(&recorder)).await;
        assert_eq!(
            running.send("GET /", b"").await.header("content-type"),
            content_type
        );
    }
}

#[tokio::test]
async fn no_content_has_no_body_and_the_connection_goes_on() {
    let recorder = Recorder::new(json!({"statusCode": 204, "cookies": [], "body": "x"}));
    let running = Running::start(everything_to(&recorder)).await;
    let host = running.host();
    let kept = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let answer = running.exchange(kept + &running.head("HEAD /", 0)).await;
    let rest = Answer::parse(&answer.body);
    assert_eq!((answer.status, rest.status), (204, 204));
    assert_eq!(rest.body, b"");
}

#[tokio::test]
async fn a_malformed_answer_is_an_internal_server_error() {
    let malformed = [
        json!({"statusCode": 0, "cookies": []}),
        json!({"statusCode": 101, "cookies": []}),
        json!({"statusCode": 600, "cookies": []}),
        json!({"statusCode": -200, "cookies": []}),
        json!({"statusCode": 200, "cookies": ["a=\n"]}),
        json!({"statusCode": 200, "cookies": [], "body": "%", "isBase64Encoded": true}),
        json!({"statusCode": "200", "cookies": []}),
        json!({"headers": {}}),
    ];
    for answer in malformed {
        let recorder = Recorder::new(answer.clone());
        let running = Running::start(everything_to(&recorder)).await;
        running
            .send("GET /", b"")
            .await
            .is_refusal(500, "Internal Server Error");
        assert_eq!(recorder.calls(), 1, "{answer}");
    }
}

/// What tracing writes, kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// This thread's lines go to `subscriber` until the guard is dropped.
///
/// The other threads get one that keeps nothing: while a process has a single subscriber,
/// tracing asks the thread that comes to a line first whether it wants it, and believes it for
/// all threads.
#[expect(clippy::disallowed_methods, reason = "the one place in these tests")]
fn listen(subscriber: impl Subscriber + Send + Sync + 'static) -> DefaultGuard {
    drop(tracing::subscriber::set_global_default(
        tracing_subscriber::registry(),
    ));
    tracing::subscriber::set_default(subscriber)
}

#[tokio::test]
async fn a_function_that_fails_is_logged_without_what_it_was_given() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    // One thread runs this test, so its subscriber sees the gateway's lines.
    let _listening = listen(subscriber);
    // serde quotes what it did not expect.
    let recorder = Recorder::new(json!({"statusCode": "sesame", "cookies": []}));
    let running = Running::start(everything_to(&recorder)).await;
    let answer = running
        .send("POST /\nAuthorization: Bearer sesame", b"sesame")
        .await;
    answer.is_refusal(500, "Internal Server Error");
    let lines = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(lines.matches("ERROR").count(), 1, "{lines}");
    for part in ["malformed answer", "$default", "request-1"] {
        assert!(lines.contains(part), "{part} in {lines}");
    }
    assert!(!lines.contains("sesame"), "{lines}");
}

#[tokio::test]
async fn a_panic_ends_one_request_and_nothing_else() {
    let running = saying(|event| async move {
        assert_ne!(event.raw_path.as_deref(), Some("/panic"), "a panic");
        ""
    })
    .await;
    let host = running.host();
    let kept = format!("GET /panic HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let first = running.exchange(kept + &running.head("GET /fine", 0)).await;
    assert_eq!(first.status, 500);
    let body = r#"{"message":"Internal Server Error"}"#.len();
    assert_eq!(
        Answer::parse(&first.body[body..]).status,
        200,
        "on the same connection"
    );
    assert_eq!(
        running.send("GET /fine", b"").await.status,
        200,
        "and on another one"
    );
}

#[tokio::test]
async fn requests_in_flight_are_finished_before_the_end() {
    let (entered, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let running = {
        let (entered, go) = (entered.clone(), go.clone());
        saying(move |_| {
            let (entered, go) = (entered.clone(), go.clone());
            async move {
                entered.notify_one();
                go.notified().await;
                "late"
            }
        })
        .await
    };
    let idle = TcpStream::connect(running.address).await.unwrap();
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream
        .write_all(running.head("GET /", 0).as_bytes())
        .await
        .unwrap();
    entered.notified().await;
    running.stop.send(()).unwrap();
    // The listener is gone before the request has been answered.
    while TcpStream::connect(running.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!running.served.is_finished());
    go.notify_one();
    assert_eq!(read_to_end(stream).await.body, b"late");
    running.served.await.unwrap().unwrap();
    drop(idle);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_ends_its_request_is_not_waited_for() {
    let running = Running::start(everything_to(&Recorder::ok())).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: ")
        .await
        .unwrap();
    running.stop.send(()).unwrap();
    running.served.await.unwrap().unwrap();
}
