//! Events by the hundred, as gateways and others send them: the one to start from.

mod answers;
mod refusals;
mod requests;

use serde_json::{Value, json};

use super::*;

fn event() -> Value {
    json!({
        "version": "2.0",
        "rawPath": "/a",
        "rawQueryString": "",
        "headers": {"host": "broker.example"},
        "requestContext": {"requestId": "gateway-1", "http": {"method": "GET"}},
        "isBase64Encoded": false,
    })
}

fn with(place: &str, value: Value) -> Value {
    let mut event = event();
    match event.pointer_mut(place) {
        Some(found) => *found = value,
        None => event[place.trim_start_matches('/')] = value,
    }
    event
}

fn read(text: &str) -> Result<Request, Refused> {
    let event: HttpEvent = serde_json::from_str(text).unwrap();
    event.into_request("invocation-1")
}
