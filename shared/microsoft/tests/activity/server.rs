//! An API that answers bytes, to the byte, and keeps the head of each request as it came.

use std::collections::VecDeque;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::DATE;

/// What is sent.
#[derive(Clone)]
pub(crate) enum Part {
    Bytes(Vec<u8>),
    /// So many bytes, once the test lets them go ([`RawApi::let_go`]).
    Held(usize),
    /// Nothing more, and the connection stays open.
    Silence,
}

/// The running API; a connection has one request.
pub(crate) struct RawApi {
    pub(crate) base_url: String,
    shared: Arc<Shared>,
}

struct Shared {
    /// Of the next requests, before `answer`.
    first: Mutex<VecDeque<Vec<Part>>>,
    /// By a part of the request line, before `answer`.
    at: Mutex<Vec<At>>,
    answer: Mutex<Vec<Part>>,
    arrived: Mutex<Vec<String>>,
    permits: Semaphore,
}

struct At {
    part: String,
    /// What the request has to hold besides.
    token: String,
    parts: Vec<Part>,
}

impl Shared {
    fn next(&self, head: &str) -> Vec<Part> {
        if let Some(first) = self.first.lock().unwrap().pop_front() {
            return first;
        }
        let line = head.lines().next().unwrap_or_default();
        let at = self.at.lock().unwrap();
        let is_for = |answer: &&At| line.contains(&answer.part) && head.contains(&answer.token);
        let found = at.iter().rev().find(is_for);
        match found {
            Some(answer) => answer.parts.clone(),
            None => self.answer.lock().unwrap().clone(),
        }
    }
}

impl RawApi {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            first: Mutex::default(),
            at: Mutex::default(),
            answer: Mutex::default(),
            arrived: Mutex::default(),
            permits: Semaphore::new(0),
        });
        let kept = Arc::clone(&shared);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(respond(stream, Arc::clone(&kept)));
            }
        });
        Self { base_url, shared }
    }

    /// What every request is answered with from now on; nothing: the connection is closed.
    pub(crate) fn answer(&self, bytes: impl Into<Vec<u8>>) {
        self.answer_parts(vec![Part::Bytes(bytes.into())]);
    }

    pub(crate) fn answer_parts(&self, parts: Vec<Part>) {
        *self.shared.answer.lock().unwrap() = parts;
    }

    /// What the next request is answered with, before that.
    pub(crate) fn answer_first(&self, bytes: impl Into<Vec<u8>>) {
        let parts = vec![Part::Bytes(bytes.into())];
        self.shared.first.lock().unwrap().push_back(parts);
    }

    /// What requests with this in their first line are answered with from now on.
    pub(crate) fn answer_at(&self, part: &str, bytes: impl Into<Vec<u8>>) {
        self.answer_token(part, "", bytes);
    }

    /// The same, of those with this token.
    pub(crate) fn answer_token(&self, part: &str, token: &str, bytes: impl Into<Vec<u8>>) {
        self.shared.at.lock().unwrap().push(At {
            part: part.to_owned(),
            token: token.to_owned(),
            parts: vec![Part::Bytes(bytes.into())],
        });
    }

    /// There is no answer by the request line any more.
    pub(crate) fn forget_answers(&self) {
        self.shared.at.lock().unwrap().clear();
    }

    /// Lets one held part go.
    pub(crate) fn let_go(&self) {
        self.shared.permits.add_permits(1);
    }

    /// The heads of the requests that arrived since the last time; an empty one is a connection
    /// without a request.
    pub(crate) fn take_arrived(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.arrived.lock().unwrap())
    }
}

async fn respond(mut stream: TcpStream, shared: Arc<Shared>) {
    let head = read_head(&mut stream).await;
    let parts = shared.next(&head);
    shared.arrived.lock().unwrap().push(head);
    for part in parts {
        let sent = match part {
            Part::Bytes(bytes) => stream.write_all(&bytes).await,
            Part::Held(length) => {
                shared.permits.acquire().await.unwrap().forget();
                stream.write_all(&vec![b'x'; length]).await
            }
            Part::Silence => std::future::pending().await,
        };
        // A client that gives up in the middle.
        if sent.is_err() {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

/// The head of a request, once its body has come as well: a start alone can have one.
async fn read_head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !is_whole(&bytes) {
        match stream.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    let text = String::from_utf8(bytes).unwrap();
    let end = text.find(END_OF_HEAD).map(|at| at + END_OF_HEAD.len());
    text[..end.unwrap_or(text.len())].to_owned()
}

const END_OF_HEAD: &str = "\r\n\r\n";

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once(END_OF_HEAD) else {
        return false;
    };
    let mut headers = head.lines().filter_map(|line| line.split_once(": "));
    let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    body.len() >= length.map_or(0, |(_, length)| length.parse().unwrap())
}

pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A body in chunks (RFC 9112 §7.1); `last`: whether its end is sent.
pub(super) fn chunked(pieces: &[&[u8]], last: bool) -> Vec<u8> {
    let mut answer =
        format!("HTTP/1.1 200 OK\r\n{DATE}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for piece in pieces {
        answer.extend(format!("{:x}\r\n", piece.len()).bytes());
        answer.extend_from_slice(piece);
        answer.extend(b"\r\n");
    }
    if last {
        answer.extend(b"0\r\n\r\n");
    }
    answer
}
