//! STS in JSON, as vending asks for it: ministack answers in XML alone, and without a role's ID
//! for the session of a function. Which role signed is for ministack to say; the rest of the
//! answer is put here.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use reqwest::Client;
use reqwest::header::CONTENT_LENGTH;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::account::Account;
use crate::stack::inside;

/// In front of ministack, on a free port; gives the URL.
pub(crate) async fn in_front_of(endpoint: &str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let client = Client::builder().no_proxy().build().unwrap();
    let account = Arc::new(Account::at(endpoint));
    let asked = move |mut headers: HeaderMap, body: Bytes| async move {
        headers.remove(CONTENT_LENGTH);
        let request = client.post(&account.endpoint).headers(headers).body(body);
        let response = request.send().await.unwrap();
        let status = response.status();
        let answer = in_json(&account, status, &response.text().await.unwrap()).await;
        (status, Json(answer))
    };
    let router = Router::new().route("/", post(asked));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn in_json(account: &Account, status: StatusCode, xml: &str) -> Value {
    if !status.is_success() {
        return json!({"Error": {"Code": inside(xml, "Code")}});
    }
    let arn = inside(xml, "Arn");
    let result = json!({
        "Account": inside(xml, "Account"),
        "Arn": arn,
        "UserId": user_id(account, arn).await,
    });
    json!({"GetCallerIdentityResponse": {"GetCallerIdentityResult": result}})
}

/// `{role id}:{session}`, which ministack does not say of a function's session.
async fn user_id(account: &Account, arn: &str) -> String {
    let (_, session) = arn.split_once(":assumed-role/").expect("a role signed");
    let (role, session) = session.split_once('/').unwrap();
    let role = account.iam("GetRole", &[("RoleName", role)]).await;
    format!("{}:{session}", inside(&role, "RoleId"))
}
