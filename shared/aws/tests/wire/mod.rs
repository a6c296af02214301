//! A wire between the SDK and an engine that a test can cut: it passes requests on,
//! loses answers, or answers by itself, and keeps them by operation.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aws::{Connection, Endpoint, connect};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of a request.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    /// It reaches the engine, and the answer comes back.
    Pass,
    /// It reaches the engine, and the answer is lost.
    LoseAnswer,
    /// The line goes dead.
    HangUp,
    /// Status and body, without the engine.
    Answer(u16, &'static str),
}

/// What was sent, by operation.
type Requests = Mutex<HashMap<String, Vec<Vec<u8>>>>;
type Script = dyn Fn(&str, u32) -> Act + Send + Sync;

/// The wire, with a dynoxide at its end.
pub(crate) struct Wire {
    pub(crate) connection: Connection,
    requests: Arc<Requests>,
}

impl Wire {
    /// `script` says for each operation (`GetItem`) and its number, from 1, what
    /// becomes of it.
    pub(crate) async fn new(script: impl Fn(&str, u32) -> Act + Send + Sync + 'static) -> Self {
        let engine = dynoxide().await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Requests::default());
        let (script, kept): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(
                    client,
                    engine,
                    Arc::clone(&script),
                    Arc::clone(&kept),
                ));
            }
        });
        Self {
            connection: connect(&Endpoint::Local(url)).await,
            requests,
        }
    }

    /// How often the SDK sent `operation`.
    pub(crate) fn sent(&self, operation: &str) -> u32 {
        u32::try_from(self.requests(operation).len()).unwrap()
    }

    /// Each request for `operation` as it was sent, head and body.
    pub(crate) fn requests(&self, operation: &str) -> Vec<Vec<u8>> {
        let requests = self.requests.lock().unwrap();
        requests.get(operation).cloned().unwrap_or_default()
    }
}

/// An engine in memory on a free port; ends with its test's runtime.
pub(crate) async fn dynoxide() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    address
}

/// One connection, until either side ends it.
async fn carry(
    mut client: TcpStream,
    engine: SocketAddr,
    script: Arc<Script>,
    requests: Arc<Requests>,
) -> Option<()> {
    let mut engine = TcpStream::connect(engine).await.ok()?;
    loop {
        let request = message(&mut client).await?;
        let operation = operation(&request)?;
        let number = {
            let mut requests = requests.lock().unwrap();
            let same = requests.entry(operation.clone()).or_default();
            same.push(request.clone());
            u32::try_from(same.len()).unwrap()
        };
        let act = script(&operation, number);
        if let Act::HangUp = act {
            return None;
        }
        if let Act::Answer(status, body) = act {
            client
                .write_all(answer(status, body).as_bytes())
                .await
                .ok()?;
            continue;
        }
        engine.write_all(&request).await.ok()?;
        let response = message(&mut engine).await?;
        if let Act::LoseAnswer = act {
            return None;
        }
        client.write_all(&response).await.ok()?;
    }
}

/// One HTTP/1.1 message with its body, as its Content-Length says (RFC 9112).
async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        stream
            .read_buf(&mut bytes)
            .await
            .ok()
            .filter(|read| *read > 0)?;
    };
    let length: usize = header(&bytes[..head], "content-length")?.parse().ok()?;
    while bytes.len() < head + length {
        stream
            .read_buf(&mut bytes)
            .await
            .ok()
            .filter(|read| *read > 0)?;
    }
    Some(bytes)
}

fn header(head: &[u8], name: &str) -> Option<String> {
    let head = std::str::from_utf8(head).ok()?;
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    let found = headers.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim().to_owned())
}

fn operation(request: &[u8]) -> Option<String> {
    let target = header(request.split(|byte| *byte == b'{').next()?, "x-amz-target")?;
    target.split('.').next_back().map(str::to_owned)
}

fn answer(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-type: application/x-amz-json-1.0\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}
