//! The contract of the store on a second DynamoDB, which shares no code with the one
//! of one machine: what both keep is not the habit of one engine.

use std::sync::{Arc, Weak};

use aws::{Connection, Endpoint, connect};
use tests::Ministack;
use tokio::sync::Mutex;

/// One process for all tests that run at the same time, ended by the last of them: a
/// static would outlive the tests.
static SHARED: Mutex<Weak<Ministack>> = Mutex::const_new(Weak::new());

struct Engine {
    connection: Connection,
    _ministack: Arc<Ministack>,
}

impl Engine {
    fn connection(&self) -> &Connection {
        &self.connection
    }
}

async fn ministack() -> Engine {
    let ministack = shared().await;
    let endpoint = Endpoint::Local(ministack.endpoint.clone());
    Engine {
        connection: connect(&endpoint).await,
        _ministack: ministack,
    }
}

async fn shared() -> Arc<Ministack> {
    let mut shared = SHARED.lock().await;
    match shared.upgrade() {
        Some(running) => running,
        None => {
            let started = Arc::new(Ministack::start().await);
            *shared = Arc::downgrade(&started);
            started
        }
    }
}

tests::contract_tests!(ministack);
