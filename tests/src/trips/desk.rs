//! AWS as one function sees it: DynamoDB is the engine of a run, Secrets Manager its files,
//! Lambda the function that signs. Each request is written down in a word for what it does.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::lambda_runtime::Runtime;

const TARGET: &str = "x-amz-target";

/// What is behind every desk.
pub(super) struct Behind {
    pub(super) client: Client,
    pub(super) engine: String,
    pub(super) secrets: PathBuf,
    /// The function that signs, while it runs.
    pub(super) on_demand: Mutex<Option<Arc<Runtime>>>,
}

/// The AWS of one function.
pub(super) struct Desk {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    pub(super) async fn open(behind: &Arc<Behind>) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (behind, written) = (Arc::clone(behind), Arc::clone(&asked));
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let behind = Arc::clone(&behind);
            let target = headers.get(TARGET).map(|name| name.to_str().unwrap());
            let target = target.unwrap_or_default().to_owned();
            let read = serde_json::from_slice(&body).unwrap_or(Value::Null);
            written.lock().unwrap().push(word(&target, &uri, &read));
            async move {
                match target.split_once('.') {
                    Some(("secretsmanager", _)) => behind.secret(&read),
                    Some(_) => behind.table(target, headers, body).await,
                    None => behind.invoked(&uri, body).await,
                }
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, asked }
    }

    /// What was asked since the last time.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Behind {
    fn secret(&self, asked: &Value) -> Response {
        let name = asked["SecretId"].as_str().unwrap();
        let is_current = matches!(asked["VersionStage"].as_str(), None | Some("AWSCURRENT"));
        match std::fs::read_to_string(self.secrets.join(name)) {
            Ok(text) if is_current => {
                let body = json!({"Name": name, "SecretString": text});
                (StatusCode::OK, body.to_string()).into_response()
            }
            _ => {
                let body = json!({"__type": "ResourceNotFoundException"});
                (StatusCode::BAD_REQUEST, body.to_string()).into_response()
            }
        }
    }

    async fn table(&self, target: String, headers: HeaderMap, body: Bytes) -> Response {
        let kept = [CONTENT_TYPE.as_str(), "authorization", "x-amz-date"];
        let request = self.client.post(&self.engine).header(TARGET, target);
        let request = kept.iter().fold(request, |request, name| {
            request.header(*name, headers[*name].clone())
        });
        let answer = request.body(body).send().await.unwrap();
        let status = answer.status();
        let kind = [(CONTENT_TYPE, "application/x-amz-json-1.0")];
        (status, kind, answer.bytes().await.unwrap()).into_response()
    }

    /// By the name in the path (Lambda, "Invoke").
    async fn invoked(&self, uri: &Uri, event: Bytes) -> Response {
        let path = uri.path().replace("%3A", ":");
        let name = path.split('/').nth(3).unwrap();
        let runtime = self.on_demand.lock().unwrap().clone();
        let runtime = runtime.expect("the function that signs runs");
        let event = String::from_utf8(event.to_vec()).unwrap();
        let answer = runtime.invoke(name, event).await;
        answer.body.to_string().into_response()
    }
}

/// `PutItem ONCE`, `Invoke bind`: the operation, and the kinds of rows that it is about.
fn word(target: &str, uri: &Uri, body: &Value) -> String {
    let Some((service, operation)) = target.split_once('.') else {
        let request = body
            .as_object()
            .and_then(|body| body.keys().find(|key| *key != "request_id"));
        assert!(uri.path().ends_with("/invocations"), "{uri}");
        return format!("Invoke {}", request.unwrap());
    };
    let of = match (service, operation) {
        ("secretsmanager", _) => body["SecretId"].as_str().unwrap_or_default().to_owned(),
        (_, "Query") => queried(body),
        _ => {
            let mut rows = Vec::new();
            rows_of(body, &mut rows);
            // However many there are.
            if operation == "BatchGetItem" {
                rows.dedup();
            }
            rows.join("+")
        }
    };
    format!("{operation} {of}")
}

/// The index, or the partition of the table.
fn queried(body: &Value) -> String {
    let values = body["ExpressionAttributeValues"].as_object();
    let partition = values.and_then(|values| values.values().next());
    let partition = partition.and_then(|value| value["S"].as_str());
    let name = body["IndexName"].as_str().or(partition);
    name.unwrap_or_default().split('#').take(1).collect()
}

/// The kinds of the rows that a request names, by their sort keys.
fn rows_of(value: &Value, rows: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| rows_of(value, rows)),
        Value::Object(fields) => {
            if let Some(key) = fields.get("sk").and_then(|key| key["S"].as_str()) {
                let partition = fields.get("pk").and_then(|key| key["S"].as_str());
                // An event's sort key begins with its time.
                let is_event = partition.is_some_and(|pk| pk.starts_with("OUTBOX#"));
                let kind = key.split('#').next().unwrap_or_default();
                rows.push(if is_event { "EVENT" } else { kind }.to_owned());
            }
            fields.values().for_each(|value| rows_of(value, rows));
        }
        _ => {}
    }
}
