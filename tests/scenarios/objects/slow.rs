//! Stores that answer late, in part, or not at all. What is waited for is short here, and nothing
//! is said about how long it took.

use std::time::Duration;

use aws::{Endpoint, ObjectStore, Patience, connect};
use feed::ports::{ObjectError, Objects as _};
use tests::object_contract::{bytes, put};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A store that answers each request with these bytes, and then says nothing more. `stays`: it
/// keeps the connection.
async fn store(answer: &'static [u8], stays: bool) -> ObjectStore {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut request = [0; 64 * 1024];
                if client.read(&mut request).await.is_ok()
                    && client.write_all(answer).await.is_ok()
                    && stays
                {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    let patience = Patience {
        attempt: Duration::from_millis(300),
        request: Duration::from_millis(700),
        stall: Duration::from_millis(300),
    };
    let connection = connect(&Endpoint::Local(url)).await;
    connection.objects_within("bucket", "", patience)
}

fn is_unavailable<T: std::fmt::Debug>(outcome: Result<T, ObjectError>) {
    assert!(
        matches!(outcome, Err(ObjectError::Unavailable(_))),
        "{outcome:?}"
    );
}

/// Nor a part of an upload.
#[tokio::test]
async fn a_store_that_never_answers_is_unavailable() {
    let store = store(b"", true).await;
    is_unavailable(put(&store, "a", b"one").await);
    is_unavailable(store.facts("a").await);
    let mut upload = store.begin("a").await.unwrap();
    is_unavailable(upload.write(&bytes((8 << 20) + 1, 0)).await);
    upload.abort().await;
}

/// What there was of it says nothing.
#[tokio::test]
async fn an_object_that_stalls_or_ends_early_is_unavailable() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    for stays in [true, false] {
        is_unavailable(store(half, stays).await.facts("a").await);
    }
    let head = b"HTTP/1.1 200 OK\r\nContent-Le";
    for stays in [true, false] {
        is_unavailable(store(head, stays).await.facts("a").await);
        is_unavailable(put(&store(head, stays).await, "a", b"one").await);
    }
}

#[tokio::test]
async fn a_store_that_is_not_there_is_unavailable() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let store = connect(&Endpoint::Local(url)).await.objects("bucket", "");
    is_unavailable(put(&store, "a", b"one").await);
    is_unavailable(store.facts("a").await);
}
