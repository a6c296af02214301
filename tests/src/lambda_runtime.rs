//! Lambda's runtime API for one function (AWS Lambda, "Using the Lambda runtime API"):
//! hands out an event when there is one and takes the answer.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex as Turn, mpsc, oneshot};

/// A runtime API that is waiting for its function.
pub struct Runtime {
    /// `AWS_LAMBDA_RUNTIME_API`.
    pub address: String,
    events: mpsc::Sender<Invocation>,
}

/// What the function answered. The function hears that its answer was taken when this is
/// dropped, and asks for the next event then.
pub struct Answer {
    /// Its JSON.
    pub body: Value,
    _taken: oneshot::Sender<()>,
}

struct Invocation {
    /// `FUNCTION` or `FUNCTION:ALIAS`.
    name: String,
    event: String,
    answer: oneshot::Sender<Answer>,
}

/// What the connections share.
struct Shared {
    /// When every invocation ends, in Unix milliseconds.
    deadline: u64,
    events: Turn<mpsc::Receiver<Invocation>>,
    /// Where the answer goes to the event that the function has.
    asked: Mutex<Option<oneshot::Sender<Answer>>>,
}

impl Runtime {
    /// At a free port of this machine. Every invocation ends at `deadline`, in Unix milliseconds.
    pub async fn start(deadline: u64) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, receiver) = mpsc::channel(1);
        let shared = Arc::new(Shared {
            deadline,
            events: Turn::new(receiver),
            asked: Mutex::default(),
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&shared)));
            }
        });
        Self { address, events }
    }

    /// Hands out the event as soon as the function asks for one, and waits for the answer.
    /// `name`: the function as it was invoked, with the alias where it was by one.
    pub async fn invoke(&self, name: &str, event: String) -> Answer {
        let (answer, answered) = oneshot::channel();
        let name = name.to_owned();
        let invocation = Invocation {
            name,
            event,
            answer,
        };
        let sent = self.events.send(invocation).await;
        assert!(sent.is_ok(), "the runtime API has ended");
        answered.await.expect("the function answers")
    }
}

/// One connection, request by request.
async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    stream.set_nodelay(true).unwrap();
    let mut stream = BufReader::new(stream);
    while let Some((line, body)) = request(&mut stream).await {
        let answer = if line.starts_with("GET ") {
            shared.next().await
        } else {
            assert!(line.contains("/response "), "{line}: {body:?}");
            shared.take(&body).await
        };
        let Some(answer) = answer else { return };
        if stream.get_mut().write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

impl Shared {
    /// The next event, as HTTP; `None` when there will be none.
    async fn next(&self) -> Option<String> {
        let Invocation {
            name,
            event,
            answer,
        } = self.events.lock().await.recv().await?;
        *self.asked.lock().unwrap() = Some(answer);
        Some(format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
             lambda-runtime-aws-request-id: 1\r\n\
             lambda-runtime-deadline-ms: {}\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:0:function:{name}\r\n\
             content-length: {}\r\n\r\n{event}",
            self.deadline,
            event.len()
        ))
    }

    /// Passes the answer on, and waits until it was looked at.
    async fn take(&self, body: &[u8]) -> Option<String> {
        let asked = self.asked.lock().unwrap().take().expect("one event");
        let (taken, looked_at) = oneshot::channel();
        let body = serde_json::from_slice(body).unwrap();
        let sent = asked.send(Answer {
            body,
            _taken: taken,
        });
        if sent.is_ok() {
            // An error is what comes: it was dropped.
            let _dropped = looked_at.await;
        }
        Some("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned())
    }
}

/// The request line and the body; `None` at the end of the connection.
async fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    if stream.read_line(&mut line).await.ok()? == 0 {
        return None;
    }
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let header = header.trim().to_ascii_lowercase();
        match header.split_once(':') {
            None => break,
            Some(("content-length", value)) => length = value.trim().parse().ok()?,
            Some(("transfer-encoding", _)) => chunked = true,
            Some(_) => {}
        }
    }
    let body = match chunked {
        true => chunks(stream).await?,
        false => exactly(stream, length).await?,
    };
    Some((line, body))
}

async fn chunks(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        stream.read_line(&mut size).await.ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        body.extend(exactly(stream, size).await?);
        exactly(stream, 2).await?;
        if size == 0 {
            return Some(body);
        }
    }
}

async fn exactly(stream: &mut BufReader<TcpStream>, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}
