//! A server of HTTP/1.1 without TLS that reads each request byte by byte, as the SDK sends it:
//! what the gates and the services of AWS that a test breaks have in common. What it answers is
//! its owner's part ([`Answers`]).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What a server does with a request.
pub trait Answers: Send + Sync + 'static {
    /// The whole answer as bytes; `None` closes the connection.
    fn answer(&self, request: Vec<u8>) -> impl Future<Output = Option<Vec<u8>>> + Send;
}

/// The server; dropping it ends it and its connections.
pub struct RawServer {
    port: u16,
    accepting: JoinHandle<()>,
}

impl RawServer {
    /// At `port` of loopback; 0 takes a free one.
    pub async fn start(port: u16, answers: Arc<impl Answers>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.unwrap();
        Self {
            port: listener.local_addr().unwrap().port(),
            accepting: tokio::spawn(accept(listener, answers)),
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:{port}`.
    pub fn url(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Ends it, and returns when its port is free.
    pub async fn end(mut self) {
        self.accepting.abort();
        // The abort itself is what it ends with.
        let _aborted = (&mut self.accepting).await;
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, answers: Arc<impl Answers>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(serve(client, Arc::clone(&answers)));
    }
}

/// One connection, until either side ends it.
async fn serve(mut client: TcpStream, answers: Arc<impl Answers>) -> Option<()> {
    loop {
        let request = message(&mut client).await?;
        let answer = answers.answer(request).await?;
        client.write_all(&answer).await.ok()?;
    }
}

/// Passes a request on, and returns the whole answer to it.
pub async fn pass_on(to: SocketAddr, request: &[u8]) -> Option<Vec<u8>> {
    let mut server = TcpStream::connect(to).await.ok()?;
    server.write_all(request).await.ok()?;
    message(&mut server).await
}

/// The address in a URL (`http://HOST:PORT`).
pub fn address_of(url: &str) -> SocketAddr {
    let url: url::Url = url.parse().unwrap();
    url.socket_addrs(|| None).unwrap()[0]
}

/// One message with its body, as its Content-Length or its chunks say (RFC 9112).
async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut bytes, mut head) = (Vec::new(), None);
    while !head.is_some_and(|head| is_whole(&bytes, head)) {
        let read = stream.read_buf(&mut bytes).await.ok()?;
        if read == 0 {
            return None;
        }
        head = head.or_else(|| Some(Head::of(&bytes[..end_of_head(&bytes)?])));
    }
    Some(bytes)
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    end.map(|end| end + 4)
}

/// What a head says of its body.
#[derive(Clone, Copy)]
struct Head {
    length: usize,
    body: usize,
    is_chunked: bool,
}

impl Head {
    fn of(head: &[u8]) -> Self {
        let text = String::from_utf8_lossy(head).to_ascii_lowercase();
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        Self {
            length: head.len(),
            body: length.map_or(0, |value| value.trim().parse().unwrap()),
            is_chunked: text.contains("transfer-encoding: chunked"),
        }
    }
}

fn is_whole(bytes: &[u8], head: Head) -> bool {
    if head.is_chunked {
        return bytes.ends_with(b"\r\n0\r\n\r\n");
    }
    bytes.len() >= head.length + head.body
}
