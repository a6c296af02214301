//! A gate in front of a run's table, secrets or another service. It passes requests on one by one
//! and stops for good at the one that a test names: before it reaches the service, or with its
//! answer in hand. From then on nothing passes, so that what was done at that moment is known.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use tokio::sync::{Barrier, Notify};

use crate::raw_server::{Answers, RawServer, address_of, pass_on};

/// The request at which a gate stops.
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

/// Where gates stop.
#[derive(Debug, Clone, Copy)]
pub enum At {
    /// At the first request that is so.
    First(Stop),
    /// With the answer to the last of so many requests in hand that hold both texts; 0 is before
    /// any request.
    Nth([&'static str; 2], usize),
}

/// What gates have let through, and where they stop. Several gates of one process can share it.
pub struct Passage {
    at: Option<At>,
    meeting: Option<Meeting>,
    passed: Mutex<Vec<String>>,
    is_closed: AtomicBool,
    stopped: Notify,
}

/// A request that waits until each of several processes has come to its own.
struct Meeting {
    /// It holds both.
    texts: [&'static str; 2],
    barrier: Arc<Barrier>,
    is_over: AtomicBool,
}

/// The gate; its connections end with it.
pub struct Gate {
    /// Where it is.
    pub url: String,
    passage: Arc<Passage>,
    _server: RawServer,
}

struct State {
    engine: SocketAddr,
    passage: Arc<Passage>,
    /// What the engine calls itself, and what it is called here.
    renamed: OnceLock<(String, String)>,
}

impl Gate {
    /// In front of the engine at `url` (`http://HOST:PORT`); without a `stop` it never closes.
    pub async fn open(url: &str, stop: Option<Stop>) -> Self {
        Self::of(url, &Passage::until(stop.map(At::First))).await
    }

    /// The same on a passage that other gates share.
    pub async fn of(url: &str, passage: &Arc<Passage>) -> Self {
        Self::start(url, passage, false).await
    }

    /// The same in front of one that names itself in its answers, and looks for its name in
    /// requests: each side hears its own.
    pub async fn renaming(url: &str, passage: &Arc<Passage>) -> Self {
        Self::start(url, passage, true).await
    }

    async fn start(url: &str, passage: &Arc<Passage>, renames: bool) -> Self {
        let state = Arc::new(State {
            engine: address_of(url),
            passage: Arc::clone(passage),
            renamed: OnceLock::new(),
        });
        let server = RawServer::start(0, Arc::clone(&state)).await;
        let own = server.url();
        if renames {
            // No length in a message changes.
            assert_eq!(own.len(), url.len(), "{url}");
            let name = |url: &str| url.split_once("://").unwrap().1.to_owned();
            state.renamed.set((name(url), name(&own))).unwrap();
        }
        Self {
            url: own,
            passage: Arc::clone(passage),
            _server: server,
        }
    }

    /// Waits until it has closed at its stop.
    pub async fn stopped(&self) {
        self.passage.stopped().await;
    }
}

impl Answers for State {
    async fn answer(&self, mut request: Vec<u8>) -> Option<Vec<u8>> {
        self.passage.at(Moment::Before, &request).await;
        if let Some((engine, own)) = self.renamed.get() {
            replace(&mut request, own, engine);
        }
        let mut answer = pass_on(self.engine, &request).await?;
        self.passage.at(Moment::After, &request).await;
        if let Some((engine, own)) = self.renamed.get() {
            replace(&mut answer, engine, own);
        }
        Some(answer)
    }
}

impl Passage {
    /// Open until there; without a place, for good.
    pub fn until(at: Option<At>) -> Arc<Self> {
        Arc::new(Self::new(at, None))
    }

    /// Open for good. The first request that holds both texts is passed on when the processes of
    /// all other passages with this barrier have come to theirs.
    pub fn meeting(texts: [&'static str; 2], barrier: &Arc<Barrier>) -> Arc<Self> {
        let meeting = Meeting {
            texts,
            barrier: Arc::clone(barrier),
            is_over: AtomicBool::new(false),
        };
        Arc::new(Self::new(None, Some(meeting)))
    }

    fn new(at: Option<At>, meeting: Option<Meeting>) -> Self {
        Self {
            at,
            meeting,
            passed: Mutex::default(),
            is_closed: AtomicBool::new(false),
            stopped: Notify::new(),
        }
    }

    /// Waits until it has closed.
    pub async fn stopped(&self) {
        self.stopped.notified().await;
    }

    /// The requests that were answered by what stands behind, in their order.
    pub fn passed(&self) -> Vec<String> {
        self.passed.lock().unwrap().clone()
    }

    /// Goes on where nothing was stopped, and never again where something was.
    async fn at(&self, moment: Moment, request: &[u8]) {
        let text = String::from_utf8_lossy(request);
        if self.is_closed.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
        match (moment, &self.meeting) {
            (Moment::Before, Some(meeting)) => meeting.waits(&text).await,
            (Moment::Before, None) => {}
            (Moment::After, _) => self.passed.lock().unwrap().push(text.to_string()),
        }
        let is_here = match &self.at {
            Some(At::First(stop)) => stop.moment == moment && stop.is_of(&text),
            Some(At::Nth(texts, number)) => self.passed_with(texts) >= *number,
            None => false,
        };
        if is_here && !self.is_closed.swap(true, Ordering::SeqCst) {
            self.stopped.notify_one();
        }
        if self.is_closed.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
    }

    fn passed_with(&self, texts: &[&str]) -> usize {
        let passed = self.passed.lock().unwrap();
        let is_meant = |request: &&String| holds(request, texts);
        passed.iter().filter(is_meant).count()
    }
}

impl Meeting {
    async fn waits(&self, request: &str) {
        if holds(request, &self.texts) && !self.is_over.swap(true, Ordering::SeqCst) {
            self.barrier.wait().await;
        }
    }
}

fn holds(request: &str, texts: &[&str]) -> bool {
    texts.iter().all(|text| request.contains(text))
}

/// Wherever it is. Both have the same length.
fn replace(message: &mut [u8], old: &str, new: &str) {
    let mut from = 0;
    while let Some(at) = find(&message[from..], old.as_bytes()) {
        let end = from + at + old.len();
        message[from + at..end].copy_from_slice(new.as_bytes());
        from = end;
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|some| some == part)
}

impl Stop {
    /// The header `X-Amz-Target` names the operation (AWS's JSON protocols).
    fn is_of(&self, request: &str) -> bool {
        let is_named = |operation: &&str| request.contains(&format!(".{operation}\r"));
        self.operations.iter().any(is_named) && request.contains(self.item)
    }
}
