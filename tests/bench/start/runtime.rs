//! Lambda's runtime API for one function (AWS Lambda, "Using the Lambda runtime API"):
//! hands out one event and takes the answer. Whoever asks for a second one waits.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A runtime API that is waiting for its function.
pub(super) struct Runtime {
    /// `AWS_LAMBDA_RUNTIME_API`.
    pub(super) address: String,
    answers: mpsc::Receiver<Answer>,
}

/// What the function answered; it waits until this is dropped.
pub(super) struct Answer {
    pub(super) body: Value,
    _waiting: mpsc::Sender<()>,
}

impl Runtime {
    pub(super) async fn start(event: &Value) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (sender, answers) = mpsc::channel(1);
        let event = event.to_string();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, event.clone(), sender.clone()));
            }
        });
        Self { address, answers }
    }

    /// Waits for the function's answer.
    pub(super) async fn answer(&mut self) -> Answer {
        self.answers.recv().await.expect("the function answers")
    }
}

/// One connection, request by request.
async fn converse(stream: TcpStream, event: String, answers: mpsc::Sender<Answer>) {
    stream.set_nodelay(true).unwrap();
    let mut stream = BufReader::new(stream);
    while let Some((line, body)) = request(&mut stream).await {
        if line.starts_with("GET ") {
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                 lambda-runtime-aws-request-id: 1\r\n\
                 lambda-runtime-deadline-ms: 99999999999999\r\n\
                 lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:0:function:f\r\n\
                 content-length: {}\r\n\r\n{event}",
                event.len()
            );
            stream.get_mut().write_all(answer.as_bytes()).await.unwrap();
            continue;
        }
        assert!(line.contains("/response "), "{line}: {body:?}");
        let (waiting, mut measured) = mpsc::channel::<()>(1);
        let answer = Answer {
            body: serde_json::from_slice(&body).unwrap(),
            _waiting: waiting,
        };
        answers.send(answer).await.unwrap();
        // Nothing comes: it ends when the answer was looked at, and with it the function.
        measured.recv().await;
        return;
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
