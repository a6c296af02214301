//! The contract of the object store on a second S3, which shares no code with the one of one
//! machine: what both keep is not the habit of one engine.

use std::sync::{Arc, Weak};

use aws::{Connection, Endpoint, connect};
use tests::Ministack;
use tests::object_contract::Engine;
use tokio::sync::Mutex;

/// One process for all tests that run at the same time, ended by the last of them: a
/// static would outlive the tests.
static SHARED: Mutex<Weak<Ministack>> = Mutex::const_new(Weak::new());

const BUCKET: &str = "audit-log";

struct Stack {
    connection: Connection,
    ministack: Arc<Ministack>,
}

impl Engine for Stack {
    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn bucket(&self) -> &str {
        BUCKET
    }

    async fn unfinished(&self, prefix: &str) -> usize {
        let uploads = format!("{}/{BUCKET}?uploads", self.ministack.endpoint);
        let listed = reqwest::get(uploads).await.unwrap().text().await.unwrap();
        listed.matches(&format!("<Key>{prefix}/")).count()
    }
}

async fn ministack() -> Stack {
    let ministack = shared().await;
    let endpoint = Endpoint::Local(ministack.endpoint.clone());
    Stack {
        connection: connect(&endpoint).await,
        ministack,
    }
}

async fn shared() -> Arc<Ministack> {
    let mut shared = SHARED.lock().await;
    match shared.upgrade() {
        Some(running) => running,
        None => {
            let started = Arc::new(Ministack::start().await);
            // It checks no signature.
            let bucket = format!("{}/{BUCKET}", started.endpoint);
            let made = reqwest::Client::new().put(bucket).send().await.unwrap();
            assert!(made.status().is_success(), "{made:?}");
            *shared = Arc::downgrade(&started);
            started
        }
    }
}

tests::object_contract_tests!(ministack);
