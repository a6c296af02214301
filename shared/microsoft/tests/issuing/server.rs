//! An issuer's web server on this machine: a good one, until it is told to say something
//! else. It remembers what it was asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, Uri, header};
use serde_json::{Value, json};

use super::Key;

pub(crate) const CONFIGURATION: &str = "/.well-known/openid-configuration";
pub(crate) const KEYS: &str = "/keys";

/// Status, `Location`, body.
type Said = (u16, String, String);

/// A web server on this machine that says what it is told to and remembers the paths that
/// it was asked for.
pub(crate) struct Server {
    pub(crate) url: String,
    answers: Mutex<HashMap<&'static str, Said>>,
    asked: Mutex<Vec<String>>,
}

impl Server {
    /// One that is a good issuer with this key.
    pub(crate) async fn start(key: &Key) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Arc::new(Self {
            url,
            answers: Mutex::default(),
            asked: Mutex::default(),
        });
        server.names(&server.url, &format!("{}{KEYS}", server.url));
        server.says(KEYS, 200, json!({"keys": [key.jwk()]}));
        let app = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        server
    }

    pub(crate) fn answers(&self, path: &'static str, status: u16, location: &str, body: String) {
        let said = (status, location.to_owned(), body);
        self.answers.lock().unwrap().insert(path, said);
    }

    pub(crate) fn says(&self, path: &'static str, status: u16, body: Value) {
        self.answers(path, status, "", body.to_string());
    }

    /// Its discovery document.
    pub(crate) fn names(&self, issuer: &str, jwks_uri: &str) {
        let document = json!({"issuer": issuer, "jwks_uri": jwks_uri});
        self.says(CONFIGURATION, 200, document);
    }

    /// What it says there, as it stands.
    pub(crate) fn body(&self, path: &str) -> String {
        self.answers.lock().unwrap()[path].2.clone()
    }

    /// The paths, in their order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn fetches(&self) -> usize {
        self.asked().iter().filter(|path| *path == KEYS).count()
    }
}

async fn answer(
    State(server): State<Arc<Server>>,
    uri: Uri,
) -> (StatusCode, [(HeaderName, String); 1], String) {
    server.asked.lock().unwrap().push(uri.path().to_owned());
    let said = server.answers.lock().unwrap().get(uri.path()).cloned();
    let (status, location, body) = said.unwrap_or((404, String::new(), String::new()));
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::LOCATION, location)], body)
}
