//! Handlers behind an HTTP API, as the run's functions are called. Requests are raw bytes over
//! a loopback socket.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::sync::Arc;

use gateway_sim::{HttpApi, HttpFunction, Routes, Scheme};
use lambda_http::http::Method;
use lambda_http::{Body, Request, RequestExt, Response};
use local::lambda_function;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// An HTTP answer as it came.
struct Answer {
    /// Status line and headers.
    head: Vec<String>,
    body: Vec<u8>,
}

impl Answer {
    /// The values of one header.
    fn all(&self, name: &str) -> Vec<&str> {
        let values = self.head.iter().filter_map(|line| line.split_once(": "));
        values
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }
}

/// Sends `request` (its line and headers, without Host, and its body) to the function, which
/// is at `/t/{id}`.
async fn answered(function: Arc<dyn HttpFunction>, request: &str, body: &str) -> Answer {
    let routes = Routes::new().route(Method::POST, "/t/{id}", function);
    let api = HttpApi::new(routes, Arc::new(|| 0), Arc::new(|| "request-1".to_owned()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let never = std::future::pending();
    tokio::spawn(gateway_sim::serve(api, listener, Scheme::Http, never));

    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let text = format!(
        "{request}Host: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let body = bytes.split_off(end.expect("a head"));
    let head = String::from_utf8(bytes).unwrap();
    Answer {
        head: head.split("\r\n").map(str::to_owned).collect(),
        body: body[4..].to_vec(),
    }
}

const POST: &str = "POST /t/1 HTTP/1.1\r\n";

async fn echo(request: Request) -> Response<Body> {
    let cookies = request.headers().get_all("cookie").iter();
    let cookies: Vec<&str> = cookies.map(|value| value.to_str().unwrap()).collect();
    let said = json!({
        "method": request.method().as_str(),
        "uri": request.uri().to_string(),
        "cookies": cookies,
        "name": String::from_utf8_lossy(request.headers()["x-name"].as_bytes()),
        "raw_path": request.raw_http_path(),
        "request": lambda::request::request_id(&request),
        "body": String::from_utf8(request.body().to_vec()).unwrap(),
    });
    Response::builder()
        .header("set-cookie", "a=1")
        .header("set-cookie", "b=2")
        .header("content-type", "application/json")
        .header("x-two", "1")
        .header("x-two", "2")
        .body(Body::from(said.to_string()))
        .unwrap()
}

#[tokio::test]
async fn a_handler_runs_behind_the_conversion_of_the_mains() {
    let request = "POST /t/a%20b?q=%2F HTTP/1.1\r\nCookie: x=1; y=2\r\n\
                   Content-Type: application/x-www-form-urlencoded\r\nX-Name: é\r\n\
                   X-Forwarded-Proto: 1\r\n";
    let answer = answered(lambda_function(echo), request, "a=b").await;
    let said: Value = serde_json::from_slice(&answer.body).unwrap();
    let expected = json!({
        "method": "POST",
        "uri": "/t/a%20b?q=%2F",
        "cookies": ["x=1", "y=2"],
        "name": "é",
        "raw_path": "/t/a b",
        "request": "request-1",
        "body": "a=b",
    });
    assert_eq!(said, expected);
    assert_eq!(answer.all("set-cookie"), ["a=1", "b=2"]);
    // Lambda's JSON keeps one value of a doubled header, so the gateway does.
    assert_eq!(answer.all("x-two"), ["1"]);
}

#[tokio::test]
async fn binary_answers_come_back_as_they_were() {
    let function = lambda_function(|_: Request| async {
        let answer = Response::builder().header("content-type", "application/octet-stream");
        answer.body(Body::from(vec![0, 255, 10])).unwrap()
    });
    assert_eq!(answered(function, POST, "").await.body, [0, 255, 10]);
}

#[tokio::test]
async fn an_answer_above_lambdas_6_mb_is_an_internal_server_error() {
    let function =
        lambda_function(|_: Request| async { Response::new(Body::from("a".repeat(6_291_456))) });
    let answer = answered(function, POST, "").await;
    assert_eq!(answer.head[0], "HTTP/1.1 500 Internal Server Error");
    assert_eq!(answer.body, br#"{"message":"Internal Server Error"}"#);
}
