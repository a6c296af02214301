//! An authority that answers bytes: whatever a broken server, a proxy or an attacker
//! could put on the wire, to the byte.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Arrived;

/// The running authority; its connections are closed after each answer.
pub(crate) struct RawAuthority {
    pub(crate) base_url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    answer: Mutex<Vec<u8>>,
    arrived: Mutex<Vec<Arrived>>,
}

impl RawAuthority {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self { base_url, shared }
    }

    /// What every request is answered with from now on; nothing: the connection is
    /// closed without an answer.
    pub(crate) fn answer(&self, bytes: impl Into<Vec<u8>>) {
        *self.shared.answer.lock().unwrap() = bytes.into();
    }

    /// What arrived since the last time.
    pub(crate) fn take_arrived(&self) -> Vec<Arrived> {
        std::mem::take(&mut self.shared.arrived.lock().unwrap())
    }
}

/// An HTTP/1.1 answer. `headers`: each with its line end.
pub(crate) fn http(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Said\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(answer(stream, Arc::clone(&shared)));
    }
}

async fn answer(mut stream: TcpStream, shared: Arc<Shared>) {
    // A client that gives up in the middle is none of our business.
    let Some(arrived) = read_request(&mut stream).await else {
        return;
    };
    shared.arrived.lock().unwrap().push(arrived);
    let answer = shared.answer.lock().unwrap().clone();
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}

async fn read_request(stream: &mut TcpStream) -> Option<Arrived> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            break String::from_utf8(bytes.drain(..end + 4).collect()).ok()?;
        }
        read_more(stream, &mut bytes).await?;
    };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    while bytes.len() < length {
        read_more(stream, &mut bytes).await?;
    }
    Some(Arrived {
        path: head.split(' ').nth(1)?.to_owned(),
        form: url::form_urlencoded::parse(&bytes).into_owned().collect(),
    })
}

async fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    match stream.read_buf(bytes).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(()),
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
