//! STS in JSON, as vending asks for it: ministack answers in XML alone. Who signed is for
//! ministack to say; here its answer is put in other words.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use reqwest::Client;
use reqwest::header::CONTENT_LENGTH;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stack::inside;

/// In front of ministack, on a free port; gives the URL.
pub(crate) async fn in_front_of(endpoint: &str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let client = Client::builder().no_proxy().build().unwrap();
    let endpoint = endpoint.to_owned();
    let asked = move |mut headers: HeaderMap, body: Bytes| async move {
        headers.remove(CONTENT_LENGTH);
        let request = client.post(&endpoint).headers(headers).body(body);
        let response = request.send().await.unwrap();
        let status = response.status();
        let answer = in_json(status, &response.text().await.unwrap());
        (status, Json(answer))
    };
    let router = Router::new().route("/", post(asked));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

fn in_json(status: StatusCode, xml: &str) -> Value {
    if !status.is_success() {
        return json!({"Error": {"Code": inside(xml, "Code")}});
    }
    let result = json!({
        "Account": inside(xml, "Account"),
        "Arn": inside(xml, "Arn"),
        "UserId": inside(xml, "UserId"),
    });
    json!({"GetCallerIdentityResponse": {"GetCallerIdentityResult": result}})
}
