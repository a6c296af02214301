//! What the gateway answers by itself; no function may hear of it.

use std::time::Duration;

use axum::http::Method;

use super::*;

/// One byte above 10 MB.
const TOO_LONG: usize = 10 * 1024 * 1024 + 1;

#[tokio::test]
async fn a_host_is_there_once_well_formed_and_ours() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    let own = running.address.port();
    let other = if own == 1 { 2 } else { own - 1 };
    let malformed = [
        "",
        "Host:\r\n",
        "Host: localhost\r\nHost: localhost\r\n",
        "Host: [\r\n",
        "Host: [::1\r\n",
        "Host: [::1]x\r\n",
        "Host: [x]\r\n",
        "Host: a b\r\n",
        "Host: user@localhost\r\n",
        "Host: localhost/\r\n",
        "Host: localhost:\r\n",
        "Host: localhost:x\r\n",
        "Host: localhost:+1\r\n",
        "Host: localhost:99999\r\n",
        "Host: localhost:1:2\r\n",
        "Host: lócalhost\r\n",
        "Host: localhost, localhost\r\n",
    ];
    for host in malformed {
        let answer = running
            .exchange(format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n"))
            .await;
        answer.is_refusal(400, "Bad Request");
    }
    let unknown = [
        "example.com".to_owned(),
        "localhost.".to_owned(),
        "localhost.example.com".to_owned(),
        "127.0.0.2".to_owned(),
        format!("localhost:{other}"),
        format!("[::1]:{other}"),
        format!("[::2]:{own}"),
        format!("[::ffff:127.0.0.1]:{own}"),
    ];
    for host in unknown {
        let answer = running
            .exchange(format!(
                "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            ))
            .await;
        answer.is_refusal(403, "Forbidden");
    }
    assert_eq!(recorder.calls(), 0);
    let ours = [
        "localhost".to_owned(),
        "LocalHost".to_owned(),
        format!("127.0.0.1:{own}"),
        "[::1]".to_owned(),
        format!("[::1]:{own}"),
    ];
    for host in ours {
        let answer = running
            .exchange(format!(
                "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            ))
            .await;
        assert_eq!(answer.status, 200, "{host}");
    }
}

#[tokio::test]
async fn a_target_in_absolute_form_names_the_same_host() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    let host = running.host();
    assert_eq!(
        running
            .send(&format!("GET http://{host}/a"), b"")
            .await
            .status,
        200
    );
    assert_eq!(recorder.only_event()["rawPath"], "/a");
    let answer = running.send("GET http://example.com/a", b"").await;
    answer.is_refusal(400, "Bad Request");
}

#[tokio::test]
async fn methods_outside_of_any_are_refused() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    for line in ["TRACE /", "CONNECT localhost:80", "PROPFIND /", "get /"] {
        let answer = running.send(line, b"").await;
        answer.is_refusal(405, "Method Not Allowed");
    }
    assert_eq!(recorder.calls(), 0);
}

#[tokio::test]
async fn what_cannot_become_an_event_is_refused() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    for line in ["GET /%", "GET /%zz", "GET /%2", "GET /%ff", "OPTIONS *"] {
        running.send(line, b"").await.is_refusal(400, "Bad Request");
    }
    let mut request = running.head("GET /\nX-Odd: ?", 0).into_bytes();
    let at = request.iter().position(|byte| *byte == b'?').unwrap();
    request[at] = 0xff;
    running
        .exchange(request)
        .await
        .is_refusal(400, "Bad Request");
    assert_eq!(recorder.calls(), 0);
}

#[tokio::test]
async fn no_route_is_not_found() {
    let recorder = Recorder::ok();
    let running = Running::start(Routes::new().route(Method::GET, "/a", recorder.clone())).await;
    for line in ["GET /b", "POST /a", "GET /a/", "GET /a/b"] {
        running.send(line, b"").await.is_refusal(404, "Not Found");
    }
    assert_eq!(recorder.calls(), 0);
}

#[tokio::test]
async fn request_line_and_headers_end_at_10240_bytes() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    let host = running.host();
    let fixed = "GET / HTTP/1.1".len()
        + "host".len()
        + host.len()
        + "connectionclose".len()
        + "x-long".len();
    let exact = format!("GET /\nX-Long: {}", "a".repeat(10_240 - fixed));
    assert_eq!(running.send(&exact, b"").await.status, 200);
    running
        .send(&(exact + "a"), b"")
        .await
        .is_refusal(431, "Request Header Fields Too Large");
    let line = format!("GET /?{}", "a".repeat(10_240));
    running
        .send(&line, b"")
        .await
        .is_refusal(431, "Request Header Fields Too Large");
    let many: String = (0..101).map(|n| format!("X-{n}: 1\n")).collect();
    assert_eq!(
        running.send(&format!("GET /\n{many}"), b"").await.status,
        431
    );
    assert_eq!(recorder.calls(), 1);
}

#[tokio::test]
async fn a_body_that_says_it_is_too_long_is_refused_unread() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    for further in ["", "\nExpect: 100-continue"] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let head = running.head(&format!("POST /{further}"), TOO_LONG);
        stream.write_all(head.as_bytes()).await.unwrap();
        // Not a byte of the body is sent: the answer comes all the same.
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 413");
    }
    let answer = running.send("POST /", &vec![b'a'; TOO_LONG]).await;
    answer.is_refusal(413, "Request Entity Too Large");
    assert_eq!(recorder.calls(), 0);
}

#[tokio::test]
async fn a_chunked_body_is_refused_when_it_passes_the_cap() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    let mut request = running
        .head("POST /\nTransfer-Encoding: chunked", 0)
        .into_bytes();
    request.extend_from_slice(format!("{TOO_LONG:x}\r\n").as_bytes());
    request.resize(request.len() + TOO_LONG, b'a');
    request.extend_from_slice(b"\r\n0\r\n\r\n");
    running
        .exchange(request)
        .await
        .is_refusal(413, "Request Entity Too Large");
    assert_eq!(recorder.calls(), 0);
}

#[tokio::test]
async fn an_event_above_lambdas_6_mb_is_refused() {
    let recorder = Recorder::ok();
    let running = Running::start(everything_to(&recorder)).await;
    let text = "POST /\nContent-Type: text/plain";
    assert_eq!(running.send(text, &vec![b'a'; 6_000_000]).await.status, 200);
    // Each of these bytes is two in JSON, and four of base64 are three.
    for (head, length) in [(text, 6_291_456), (text, 3_145_728), ("POST /", 4_718_592)] {
        let body = vec![if length == 3_145_728 { b'"' } else { b'a' }; length];
        running
            .send(head, &body)
            .await
            .is_refusal(413, "Request Entity Too Large");
    }
    assert_eq!(recorder.calls(), 1);
}

/// Answers after a time.
struct Slow(Duration);

#[async_trait]
impl HttpFunction for Slow {
    async fn invoke(
        &self,
        _: ApiGatewayV2httpRequest,
        _: Context,
    ) -> Result<ApiGatewayV2httpResponse, FunctionError> {
        let never = std::future::pending::<()>();
        assert!(tokio::time::timeout(self.0, never).await.is_err());
        let mut answer = ApiGatewayV2httpResponse::default();
        answer.status_code = 200;
        Ok(answer)
    }
}

#[tokio::test(start_paused = true)]
async fn a_function_that_takes_more_than_30_s_is_unavailable() {
    for (seconds, status) in [(29, 200), (31, 503)] {
        let function = Arc::new(Slow(Duration::from_secs(seconds)));
        let running = Running::start(Routes::new().default(function)).await;
        let answer = running.send("GET /", b"").await;
        assert_eq!(answer.status, status, "after {seconds} s");
        if status == 503 {
            answer.is_refusal(503, "Service Unavailable");
        }
    }
}
