//! One service of AWS at a port of its own, which a test breaks and mends: it refuses,
//! throttles, fails, hangs, or is not there at all. Behind a table stands the engine of a run,
//! behind Lambda a function; secrets are answered from a map. It reads HTTP/1.1 as the SDK sends it, without TLS.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Stands in every refusal, as AWS's own texts hold it: it must be in no line of ours.
pub const ACCOUNT: &str = "123456789012";

/// What is wrong with the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Only with requests that hold this text (an operation, a secret's name, an index).
    pub only: Option<String>,
    /// What such a request meets.
    pub act: Act,
}

/// What a request meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// This status and error code.
    Answer(u16, &'static str),
    /// Nothing, for as long as it waits.
    Hang,
    /// The end of its connection.
    HangUp,
    /// This JSON, as a function of Lambda answers.
    Body(&'static str),
    /// This JSON, as Lambda answers for a function that ended with an error.
    FunctionError(&'static str),
}

/// What answers where nothing is wrong.
enum Behind {
    Engine(SocketAddr),
    Secrets(Mutex<BTreeMap<String, String>>),
}

/// The service.
pub struct AwsService {
    /// Where it is.
    pub url: String,
    port: u16,
    state: Arc<State>,
    listening: Option<JoinHandle<()>>,
}

struct State {
    behind: Behind,
    fault: Mutex<Option<Fault>>,
    requests: AtomicU32,
}

impl AwsService {
    /// DynamoDB, in front of the engine at `url` (`http://HOST:PORT`).
    pub async fn table(url: &str) -> Self {
        let url: url::Url = url.parse().unwrap();
        let engine = url.socket_addrs(|| None).unwrap()[0];
        Self::start(Behind::Engine(engine)).await
    }

    /// Secrets Manager, with these.
    pub async fn secrets(secrets: BTreeMap<String, String>) -> Self {
        Self::start(Behind::Secrets(Mutex::new(secrets))).await
    }

    /// Lambda, in front of what answers at this address.
    pub async fn lambda(function: SocketAddr) -> Self {
        Self::start(Behind::Engine(function)).await
    }

    async fn start(behind: Behind) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            behind,
            fault: Mutex::new(None),
            requests: AtomicU32::new(0),
        });
        Self {
            url: format!("http://127.0.0.1:{port}"),
            port,
            listening: Some(tokio::spawn(listen(listener, Arc::clone(&state)))),
            state,
        }
    }

    /// How many requests have come.
    pub fn requests(&self) -> u32 {
        self.state.requests.load(Ordering::SeqCst)
    }

    /// From now on, this.
    pub fn fail(&self, fault: Fault) {
        *self.state.fault.lock().unwrap() = Some(fault);
    }

    /// Nobody listens, and every connection is gone.
    pub async fn go_down(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            // The abort itself is what it ends with.
            let _aborted = listening.await;
        }
    }

    /// Nothing is wrong any more.
    pub async fn mend(&mut self) {
        *self.state.fault.lock().unwrap() = None;
        if self.listening.is_none() {
            let address = (Ipv4Addr::LOCALHOST, self.port);
            let listener = TcpListener::bind(address).await.unwrap();
            self.listening = Some(tokio::spawn(listen(listener, Arc::clone(&self.state))));
        }
    }

    /// Puts a secret's value, or takes the secret away.
    pub fn put_secret(&self, name: &str, text: Option<&str>) {
        let Behind::Secrets(secrets) = &self.state.behind else {
            panic!("no secrets manager");
        };
        let mut secrets = secrets.lock().unwrap();
        match text {
            Some(text) => secrets.insert(name.to_owned(), text.to_owned()),
            None => secrets.remove(name),
        };
    }
}

impl Drop for AwsService {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

/// Its connections end with it.
async fn listen(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(serve(client, Arc::clone(&state)));
    }
}

/// One connection, until either side ends it.
async fn serve(mut client: TcpStream, state: Arc<State>) -> Option<()> {
    loop {
        let request = message(&mut client).await?;
        state.requests.fetch_add(1, Ordering::SeqCst);
        let answer = match (state.act_on(&request), &state.behind) {
            (Some(Act::Hang), _) => std::future::pending().await,
            (Some(Act::HangUp), _) => return None,
            (Some(Act::Answer(status, code)), _) => refusal(status, code),
            (Some(Act::Body(json)), _) => answer(200, "", json),
            (Some(Act::FunctionError(json)), _) => {
                answer(200, "x-amz-function-error: Unhandled\r\n", json)
            }
            (None, Behind::Engine(engine)) => {
                let mut engine = TcpStream::connect(engine).await.ok()?;
                engine.write_all(&request).await.ok()?;
                message(&mut engine).await?
            }
            (None, Behind::Secrets(secrets)) => secret(&secrets.lock().unwrap(), &request),
        };
        client.write_all(&answer).await.ok()?;
    }
}

impl State {
    fn act_on(&self, request: &[u8]) -> Option<Act> {
        let fault = self.fault.lock().unwrap().clone()?;
        let text = String::from_utf8_lossy(request);
        let is_meant = fault.only.is_none_or(|only| text.contains(&only));
        is_meant.then_some(fault.act)
    }
}

/// `GetSecretValue`: one version of each secret.
fn secret(secrets: &BTreeMap<String, String>, request: &[u8]) -> Vec<u8> {
    let start = request.windows(4).position(|four| four == b"\r\n\r\n");
    let asked: Value = serde_json::from_slice(&request[start.unwrap() + 4..]).unwrap();
    let name = asked["SecretId"].as_str().unwrap();
    match (secrets.get(name), asked["VersionStage"].as_str()) {
        (Some(text), Some("AWSCURRENT")) => {
            let value = json!({"Name": name, "SecretString": text});
            answer(200, "", &value.to_string())
        }
        _ => refusal(400, "ResourceNotFoundException"),
    }
}

fn refusal(status: u16, code: &str) -> Vec<u8> {
    let message = format!("arn:aws:iam::{ACCOUNT}:role/function met {code}");
    let refused = json!({"__type": code, "message": message});
    answer(status, "", &refused.to_string())
}

/// `headers`: more of them, each with its end of line.
fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-type: application/x-amz-json-1.1\r\n\
         {headers}content-length: {}\r\n\r\n",
        body.len()
    );
    (head + body).into_bytes()
}

/// One message with its body, as its Content-Length says (RFC 9112).
pub(crate) async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut length = None;
    while length.is_none_or(|length| bytes.len() < length) {
        let read = stream.read_buf(&mut bytes).await.ok()?;
        if read == 0 {
            return None;
        }
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        length = end.map(|end| end + 4 + content_length(&bytes[..end]));
    }
    Some(bytes)
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let header = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    header.map_or(0, |value| value.trim().parse().unwrap())
}
