//! The contract of the store on dynoxide, the DynamoDB of one machine, in process.

use aws::{Connection, Endpoint, connect};
use tokio::net::TcpListener;

/// A fresh engine in memory; ends with its test's runtime.
struct Engine(Connection);

impl Engine {
    fn connection(&self) -> &Connection {
        &self.0
    }
}

async fn dynoxide() -> Engine {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = Endpoint::Local(format!("http://{}", listener.local_addr().unwrap()));
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    Engine(connect(&endpoint).await)
}

tests::contract_tests!(dynoxide);
