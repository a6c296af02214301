//! The contract of the store on dynoxide, the DynamoDB of one machine, in process.
#![allow(clippy::unwrap_used, reason = "test code: a panic is how it fails")]

mod wire;

use aws::{Connection, Endpoint, connect};
use tokio::sync::oneshot;

/// A fresh engine in memory; ends when it is dropped.
struct Engine {
    connection: Connection,
    _shutdown: oneshot::Sender<()>,
}

impl Engine {
    fn connection(&self) -> &Connection {
        &self.connection
    }
}

async fn dynoxide() -> Engine {
    let (address, _shutdown) = wire::dynoxide().await;
    let endpoint = Endpoint::Local(format!("http://{address}"));
    Engine {
        connection: connect(&endpoint).await,
        _shutdown,
    }
}

aws::contract_tests!(dynoxide);
