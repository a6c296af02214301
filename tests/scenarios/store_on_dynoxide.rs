//! The contract of the store on dynoxide, the DynamoDB of one machine, in process.

use aws::{Connection, Endpoint, connect};
use tokio::net::TcpListener;
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
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = Endpoint::Local(format!("http://{}", listener.local_addr().unwrap()));
    let database = dynoxide::Database::memory().unwrap();
    let (_shutdown, down) = oneshot::channel::<()>();
    let until = async move {
        // Either way of ending means the same: the test is over.
        let _ = down.await;
    };
    tokio::spawn(dynoxide::server::serve_with_shutdown(
        listener, database, until,
    ));
    Engine {
        connection: connect(&endpoint).await,
        _shutdown,
    }
}

tests::contract_tests!(dynoxide);
