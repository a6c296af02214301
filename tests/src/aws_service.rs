//! One service of AWS at a port of its own, which a test breaks and mends: it refuses,
//! throttles, fails, hangs, or is not there at all. Behind a table stands the engine of a run,
//! behind Lambda a function; secrets are answered from a map.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::raw_server::{Answers, RawServer, address_of, pass_on};

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
    /// What stands behind, so much later.
    Late(Duration),
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
    /// It takes what it is sent.
    Queue,
}

/// The service.
pub struct AwsService {
    /// Where it is.
    pub url: String,
    port: u16,
    state: Arc<State>,
    server: Option<RawServer>,
}

struct State {
    behind: Behind,
    /// The first one that is meant counts.
    faults: Mutex<Vec<Fault>>,
    /// Of 100 requests so many are throttled.
    throttled: AtomicU32,
    requests: AtomicU32,
}

impl AwsService {
    /// DynamoDB, in front of the engine at `url` (`http://HOST:PORT`).
    pub async fn table(url: &str) -> Self {
        Self::start(Behind::Engine(address_of(url))).await
    }

    /// Secrets Manager, with these.
    pub async fn secrets(secrets: BTreeMap<String, String>) -> Self {
        Self::start(Behind::Secrets(Mutex::new(secrets))).await
    }

    /// SQS, as far as it is sent messages.
    pub async fn queue() -> Self {
        Self::start(Behind::Queue).await
    }

    /// Lambda, in front of what answers at this address.
    pub async fn lambda(function: SocketAddr) -> Self {
        Self::start(Behind::Engine(function)).await
    }

    /// Any service, in front of the one at `url`.
    pub async fn in_front_of(url: &str) -> Self {
        Self::start(Behind::Engine(address_of(url))).await
    }

    async fn start(behind: Behind) -> Self {
        let state = Arc::new(State {
            behind,
            faults: Mutex::default(),
            throttled: AtomicU32::new(0),
            requests: AtomicU32::new(0),
        });
        let server = RawServer::start(0, Arc::clone(&state)).await;
        Self {
            url: server.url(),
            port: server.port(),
            state,
            server: Some(server),
        }
    }

    /// How many requests have come.
    pub fn requests(&self) -> u32 {
        self.state.requests.load(Ordering::SeqCst)
    }

    /// From now on, this.
    pub fn fail(&self, fault: Fault) {
        *self.state.faults.lock().unwrap() = vec![fault];
    }

    /// And this too.
    pub fn fail_besides(&self, fault: Fault) {
        self.state.faults.lock().unwrap().push(fault);
    }

    /// From now on throttles so many of 100 requests, as DynamoDB does; 0 is none.
    pub fn throttle(&self, share: u32) {
        self.state.throttled.store(share, Ordering::SeqCst);
    }

    /// Its port is closed, and every connection is gone.
    pub async fn go_down(&mut self) {
        if let Some(server) = self.server.take() {
            server.end().await;
        }
    }

    /// Nothing is wrong any more.
    pub async fn mend(&mut self) {
        self.state.faults.lock().unwrap().clear();
        if self.server.is_none() {
            let state = Arc::clone(&self.state);
            self.server = Some(RawServer::start(self.port, state).await);
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

impl Answers for State {
    async fn answer(&self, request: Vec<u8>) -> Option<Vec<u8>> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let act = self.throttles(number).or_else(|| self.act_on(&request));
        if let Some(Act::Late(wait)) = act {
            pass(wait).await;
        }
        match (act, &self.behind) {
            (Some(Act::Hang), _) => std::future::pending().await,
            (Some(Act::HangUp), _) => None,
            (Some(Act::Answer(status, code)), _) => Some(refusal(status, code)),
            (Some(Act::Body(json)), _) => Some(answer(200, "", json)),
            (Some(Act::FunctionError(json)), _) => {
                Some(answer(200, "x-amz-function-error: Unhandled\r\n", json))
            }
            (None | Some(Act::Late(_)), Behind::Engine(engine)) => pass_on(*engine, &request).await,
            (None | Some(Act::Late(_)), Behind::Secrets(secrets)) => {
                Some(secret(&secrets.lock().unwrap(), &request))
            }
            (None | Some(Act::Late(_)), Behind::Queue) => {
                Some(answer(200, "", r#"{"Successful":[],"Failed":[]}"#))
            }
        }
    }
}

impl State {
    fn throttles(&self, number: u32) -> Option<Act> {
        let share = self.throttled.load(Ordering::SeqCst);
        let of = |number: u32| number % 100 * share / 100;
        let is_hit = share == 100 || of(number) < of(number + 1);
        is_hit.then_some(Act::Answer(400, "ProvisionedThroughputExceededException"))
    }

    fn act_on(&self, request: &[u8]) -> Option<Act> {
        let faults = self.faults.lock().unwrap();
        let text = String::from_utf8_lossy(request);
        let is_meant = |fault: &&Fault| fault.only.as_ref().is_none_or(|only| text.contains(only));
        faults.iter().find(is_meant).map(|fault| fault.act)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a service that is slow: tests of it let the runtime's time stand"
)]
async fn pass(wait: Duration) {
    tokio::time::sleep(wait).await;
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
