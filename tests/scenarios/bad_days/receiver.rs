//! The operator's receiver of events: it answers 503 while it is down, and keeps what it took by
//! its id. Signatures are judged elsewhere (`tests/scenarios/events`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use tests::raw_server::{Answers, RawServer};

const TAKEN: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";
const DOWN: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";

/// The receiver; it ends with it.
pub struct Receiver {
    /// Where it listens.
    pub url: String,
    state: Arc<State>,
    _server: RawServer,
}

#[derive(Default)]
struct State {
    is_down: AtomicBool,
    refused: Mutex<u64>,
    /// By id: what each is called, and of whom it is.
    taken: Mutex<BTreeMap<String, (String, Option<String>)>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let state = Arc::new(State::default());
        let server = RawServer::start(0, Arc::clone(&state)).await;
        Self {
            url: format!("{}/hook", server.url()),
            state,
            _server: server,
        }
    }

    /// From now on it is down, or answers.
    pub fn set_down(&self, is_down: bool) {
        self.state.is_down.store(is_down, Ordering::SeqCst);
    }

    /// How many deliveries met it while it was down.
    pub fn refused(&self) -> u64 {
        *self.state.refused.lock().unwrap()
    }

    /// How many different events of each kind it has, and of which tenant.
    pub fn taken(&self) -> BTreeMap<(String, Option<String>), u32> {
        let mut counted = BTreeMap::new();
        for what in self.state.taken.lock().unwrap().values() {
            *counted.entry(what.clone()).or_default() += 1;
        }
        counted
    }
}

impl Answers for State {
    async fn answer(&self, request: Vec<u8>) -> Option<Vec<u8>> {
        if self.is_down.load(Ordering::SeqCst) {
            *self.refused.lock().unwrap() += 1;
            return Some(DOWN.to_vec());
        }
        let end = request.windows(4).position(|four| four == b"\r\n\r\n")?;
        // Whatever is no event came from somewhere else.
        let event: Value = serde_json::from_slice(&request[end + 4..]).ok()?;
        let text = |name: &str| event[name].as_str().map(str::to_owned);
        let what = (text("type").unwrap(), text("tenant_id"));
        self.taken.lock().unwrap().insert(text("id").unwrap(), what);
        Some(TAKEN.to_vec())
    }
}
