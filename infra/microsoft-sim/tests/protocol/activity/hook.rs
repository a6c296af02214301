//! A webhook's endpoint on this machine: it answers what a test says, and keeps what arrives.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde_json::Value;
use tokio::net::TcpListener;

/// What arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    headers: HeaderMap,
    pub(crate) body: Value,
}

/// A running endpoint.
pub(crate) struct Hook {
    pub(crate) address: String,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Mutex<u16>,
    arrived: Mutex<Vec<Arrived>>,
}

impl Hook {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook?a=1", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            answer: Mutex::new(200),
            arrived: Mutex::default(),
        });
        let router = Router::new()
            .fallback(arrive)
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, shared }
    }

    /// The status of every answer from now on.
    pub(crate) fn answers(&self, status: u16) {
        *lock(&self.shared.answer) = status;
    }

    /// What has arrived since the last time.
    pub(crate) fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut lock(&self.shared.arrived))
    }

    /// The contentIds that have arrived since the last time, in their order.
    pub(crate) fn take_ids(&self) -> Vec<String> {
        let arrived = self.take();
        let contents = arrived
            .iter()
            .flat_map(|one| one.body.as_array().unwrap().clone());
        let id = |content: Value| content["contentId"].as_str().unwrap().to_owned();
        contents.map(id).collect()
    }
}

impl Arrived {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

async fn arrive(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let body = serde_json::from_slice(&body).unwrap();
    lock(&shared.arrived).push(Arrived { headers, body });
    let status = *lock(&shared.answer);
    let location = [("location", "http://127.0.0.1:1/")];
    (StatusCode::from_u16(status).unwrap(), location)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
