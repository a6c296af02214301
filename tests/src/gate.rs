//! A gate in front of a run's table or secrets. It passes requests on one by one and stops for
//! good at the one that a test names: before it reaches the service, or with its answer in hand.
//! From then on nothing passes, so that what was done at that moment is known.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::raw_server::{Answers, RawServer, address_of, pass_on};

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
    _server: RawServer,
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
        let state = Arc::new(State {
            engine: address_of(url),
            stop,
            is_closed: AtomicBool::new(false),
            stopped: Notify::new(),
        });
        let server = RawServer::start(0, Arc::clone(&state)).await;
        Self {
            url: server.url(),
            state,
            _server: server,
        }
    }

    /// Waits until it has closed at its stop.
    pub async fn stopped(&self) {
        self.state.stopped.notified().await;
    }
}

impl Answers for State {
    async fn answer(&self, request: Vec<u8>) -> Option<Vec<u8>> {
        self.at(Moment::Before, &request).await;
        let answer = pass_on(self.engine, &request).await?;
        self.at(Moment::After, &request).await;
        Some(answer)
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
