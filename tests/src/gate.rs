//! A gate in front of a run's table or secrets. It passes requests on one by one and stops for
//! good at the one that a test names: before it reaches the service, or with its answer in hand. From
//! then on nothing passes, so that what was done at that moment is known. HTTP/1.1 as the SDK
//! sends it, without TLS.

use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use crate::aws_service::message;

/// The request at which a gate stops: the first that is so.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    /// One of these operations, of DynamoDB or Secrets Manager.
    pub operations: &'static [&'static str],
    /// Holds this text: a key's beginning, an index.
    pub item: &'static str,
    /// Before or after the service has done it.
    pub moment: Moment,
}

/// When a gate stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The request is not passed on.
    Before,
    /// It was done, and its answer is not passed on.
    After,
}

/// The gate; its connections end with it.
pub struct Gate {
    /// Where it is.
    pub url: String,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

struct State {
    engine: SocketAddr,
    stop: Option<Stop>,
    is_closed: AtomicBool,
    stopped: Notify,
}

impl Gate {
    /// In front of the engine at `url` (`http://HOST:PORT`); without a `stop` it never closes.
    pub async fn open(url: &str, stop: Option<Stop>) -> Self {
        let url: url::Url = url.parse().unwrap();
        let state = Arc::new(State {
            engine: url.socket_addrs(|| None).unwrap()[0],
            stop,
            is_closed: AtomicBool::new(false),
            stopped: Notify::new(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            state: Arc::clone(&state),
            listening: tokio::spawn(listen(listener, state)),
        }
    }

    /// Waits until it has closed at its stop.
    pub async fn stopped(&self) {
        self.state.stopped.notified().await;
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

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
        state.at(Moment::Before, &request).await;
        let mut engine = TcpStream::connect(state.engine).await.ok()?;
        engine.write_all(&request).await.ok()?;
        let answer = message(&mut engine).await?;
        state.at(Moment::After, &request).await;
        client.write_all(&answer).await.ok()?;
    }
}

impl State {
    /// Goes on where nothing was stopped, and never again where something was.
    async fn at(&self, moment: Moment, request: &[u8]) {
        let text = String::from_utf8_lossy(request);
        let is_meant = |stop: &Stop| stop.moment == moment && stop.is_of(&text);
        if self.stop.as_ref().is_some_and(is_meant) && !self.is_closed.swap(true, Ordering::SeqCst)
        {
            self.stopped.notify_one();
        }
        if self.is_closed.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
    }
}

impl Stop {
    /// The header `X-Amz-Target` names the operation (AWS's JSON protocols).
    fn is_of(&self, request: &str) -> bool {
        let is_named = |operation: &&str| request.contains(&format!(".{operation}\r"));
        self.operations.iter().any(is_named) && request.contains(self.item)
    }
}
