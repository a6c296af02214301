//! What every refusal of a JSON endpoint has in common (headers and body).

use reqwest::Response;
use serde_json::Value;
use uuid::Uuid;

/// A refusal's status, `error` and only AADSTS number, after its headers and
/// the rest of its body have been checked.
pub(crate) async fn told(response: Response, name: &str) -> (u16, String, u64) {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let header = |wanted: &str| headers[wanted].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json; charset=utf-8");
    assert_eq!(header("cache-control"), "no-store");
    let body: Value = response.json().await.unwrap();
    let text = |field: &str| body[field].as_str().unwrap().to_owned();
    let [number] = body["error_codes"].as_array().unwrap().as_slice() else {
        panic!("{name}: {body}");
    };
    let (trace_id, correlation_id) = (text("trace_id"), text("correlation_id"));
    assert_eq!(header("x-ms-request-id"), trace_id, "{name}");
    assert_eq!(header("client-request-id"), correlation_id, "{name}");
    for id in [&trace_id, &correlation_id] {
        assert!(Uuid::try_parse(id).is_ok(), "{name}: {id}");
    }
    let lines = format!(
        "\r\nTrace ID: {trace_id}\r\nCorrelation ID: {correlation_id}\r\nTimestamp: {}",
        text("timestamp")
    );
    let description = text("error_description");
    assert!(
        description.starts_with(&format!("AADSTS{number}: ")) && description.ends_with(&lines),
        "{name}: {description}"
    );
    assert!(text("error_uri").ends_with(&format!("/error?code={number}")));
    (status, text("error"), number.as_u64().unwrap())
}
