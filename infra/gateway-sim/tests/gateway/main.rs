//! The gateways over real loopback sockets. Requests are raw bytes, so that a test
//! can send what no client library would.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod answers;
mod events;
mod function_url;
mod refusals;
mod routes;
mod sts;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use gateway_sim::{
    FunctionError, Gateway, HttpApi, HttpFunction, RequestIds, Routes, Scheme, serve,
};
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_runtime::Context;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

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

/// A gateway that serves.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start(routes: Routes) -> Self {
        Self::serving(http_api(routes), Scheme::Http).await
    }

    async fn serving(gateway: impl Gateway, scheme: Scheme) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve(gateway, listener, scheme, async {
            let _ = stopped.await;
        }));
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

fn http_api(routes: Routes) -> HttpApi {
    HttpApi::new(routes, Arc::new(|| NOW), numbered_requests())
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
