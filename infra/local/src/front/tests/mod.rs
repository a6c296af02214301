//! The front over real loopback sockets. Requests are raw bytes, so that a test
//! can send what no client library would.

mod answers;
mod events;
mod function_url;
mod refusals;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use axum::http::Method;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_runtime::Context;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use super::{Front, FunctionError, HttpFunction, RequestIds, Routes, Scheme};

/// 7 August 2026, 01:37:53.815 UTC.
const NOW: i64 = 1_786_066_673_815;

/// Remembers its events and answers all of them alike.
struct Recorder {
    events: Mutex<Vec<Value>>,
    contexts: Mutex<Vec<Context>>,
    answer: Value,
}

impl Recorder {
    fn new(answer: Value) -> Arc<Self> {
        Arc::new(Self {
            events: Mutex::default(),
            contexts: Mutex::default(),
            answer,
        })
    }

    fn ok() -> Arc<Self> {
        Self::new(json!({"statusCode": 200, "headers": {}, "cookies": []}))
    }

    fn only_event(&self) -> Value {
        let events = self.events.lock().unwrap();
        assert_eq!(events.len(), 1, "one event");
        events[0].clone()
    }

    fn calls(&self) -> usize {
        self.events.lock().unwrap().len()
    }
}

#[async_trait]
impl HttpFunction for Recorder {
    async fn invoke(
        &self,
        event: ApiGatewayV2httpRequest,
        context: Context,
    ) -> Result<ApiGatewayV2httpResponse, FunctionError> {
        self.events
            .lock()
            .unwrap()
            .push(serde_json::to_value(&event).unwrap());
        self.contexts.lock().unwrap().push(context);
        serde_json::from_value(self.answer.clone()).map_err(FunctionError::Answer)
    }
}

/// A front that serves.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start(routes: Routes) -> Self {
        Self::start_with(front(routes), Scheme::Http).await
    }

    async fn start_with(front: Front, scheme: Scheme) -> Self {
        Self::serving(|listener, stopped| {
            tokio::spawn(front.serve(listener, scheme, async {
                let _ = stopped.await;
            }))
        })
        .await
    }

    async fn serving(
        serve: impl FnOnce(TcpListener, oneshot::Receiver<()>) -> JoinHandle<std::io::Result<()>>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = serve(listener, stopped);
        Self {
            address,
            stop,
            served,
        }
    }

    /// Sends the bytes on a connection of their own; reads until its end.
    async fn exchange(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_ref()).await.unwrap();
        read_to_end(stream).await
    }

    /// `head` is the request line and further headers, without Host.
    async fn send(&self, head: &str, body: &[u8]) -> Answer {
        let mut request = self.head(head, body.len()).into_bytes();
        request.extend_from_slice(body);
        self.exchange(request).await
    }

    fn head(&self, head: &str, length: usize) -> String {
        let (line, headers) = head.split_once('\n').unwrap_or((head, ""));
        let mut text = format!(
            "{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.host()
        );
        for header in headers.lines() {
            text = text + header.trim() + "\r\n";
        }
        if length > 0 {
            text = format!("{text}Content-Length: {length}\r\n");
        }
        text + "\r\n"
    }

    fn host(&self) -> String {
        format!("localhost:{}", self.address.port())
    }
}

fn front(routes: Routes) -> Front {
    Front::new(routes, Arc::new(|| NOW), numbered_requests())
}

fn numbered_requests() -> RequestIds {
    let ids = Mutex::new(0);
    Arc::new(move || {
        let mut last = ids.lock().unwrap();
        *last += 1;
        format!("request-{last}")
    })
}

async fn read_to_end(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    Answer::parse(&bytes)
}

/// An HTTP answer as it came.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Self {
            status,
            headers,
            body: bytes[end + 4..].to_vec(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    fn all(&self, name: &str) -> Vec<&str> {
        let own = self.headers.iter().filter(|(own, _)| own == name);
        own.map(|(_, value)| value.as_str()).collect()
    }

    /// Asserts an answer of the gateway's own.
    #[track_caller]
    fn is_refusal(&self, status: u16, message: &str) {
        assert_eq!(self.status, status);
        let body: Value = serde_json::from_slice(&self.body).expect("JSON");
        assert_eq!(body, json!({ "message": message }));
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert!(self.header("apigw-requestid").is_some());
    }
}

fn everything_to(function: &Arc<Recorder>) -> Routes {
    Routes::new().default(function.clone())
}

#[tokio::test]
async fn routes_are_chosen_as_an_http_api_chooses() {
    let recorder = Recorder::ok();
    let routes = Routes::new()
        .any("/{proxy+}", recorder.clone())
        .any("/pets/dog/1", recorder.clone())
        .route(Method::GET, "/pets/{proxy+}", recorder.clone())
        .route(Method::GET, "/pets/dog/{id}", recorder.clone())
        .route(Method::GET, "/pets/dog/1", recorder.clone())
        .default(recorder.clone());
    let running = Running::start(routes).await;
    let table = [
        ("GET /pets/dog/1", "GET /pets/dog/1", json!(null)),
        ("PUT /pets/dog/1", "ANY /pets/dog/1", json!(null)),
        ("GET /pets/dog/2", "GET /pets/dog/{id}", json!({"id": "2"})),
        (
            "GET /pets/dog/%C3%A9%2F3",
            "GET /pets/dog/{id}",
            json!({"id": "é/3"}),
        ),
        (
            "GET /pets/cat/1",
            "GET /pets/{proxy+}",
            json!({"proxy": "cat/1"}),
        ),
        (
            "GET /pets/dog/",
            "GET /pets/{proxy+}",
            json!({"proxy": "dog/"}),
        ),
        (
            "POST /pets/cat/1",
            "ANY /{proxy+}",
            json!({"proxy": "pets/cat/1"}),
        ),
        ("GET /", "$default", json!(null)),
    ];
    for (line, route_key, parameters) in table {
        assert_eq!(running.send(line, b"").await.status, 200, "{line}");
        let event = recorder.events.lock().unwrap().pop().unwrap();
        assert_eq!(event["routeKey"], route_key, "{line}");
        assert_eq!(event["requestContext"]["routeKey"], route_key, "{line}");
        assert_eq!(event["pathParameters"], parameters, "{line}");
    }
}

#[tokio::test]
async fn local_answers_stand_on_the_same_port_and_call_no_function() {
    let recorder = Recorder::ok();
    let routes = everything_to(&recorder).local(Method::GET, "/keys", || {
        ("application/json", r#"{"keys":[]}"#.into())
    });
    let running = Running::start(routes).await;
    let answer = running.send("GET /keys?x=1", b"").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.body, br#"{"keys":[]}"#);
    assert_eq!(recorder.calls(), 0);
    running.send("POST /keys", b"").await;
    assert_eq!(recorder.calls(), 1, "another method is the function's");
    let answer = running
        .exchange("GET /keys HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        .await;
    answer.is_refusal(403, "Forbidden");
}
