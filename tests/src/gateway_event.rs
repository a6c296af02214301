//! Events as an HTTP API of API Gateway hands them to a function, payload format 2.0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda::event::HttpEvent;
use lambda_http::Request;
use serde_json::{Value, json};

/// A request as an HTTP API hands it over, payload format 2.0.
pub fn request(method: &str, path: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "broker.example", "x-forwarded-proto": "https"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api",
            "domainName": "broker.example",
            "domainPrefix": "broker",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "test",
            },
            "requestId": "request-1",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1_767_225_600_000_u64,
        },
        "isBase64Encoded": false,
    })
}

/// As API Gateway hands a form over: in base64, because its type is no text.
pub fn post(path: &str, form: &str) -> Value {
    let mut event = request("POST", path);
    event["headers"]["content-type"] = json!("application/x-www-form-urlencoded");
    event["body"] = json!(STANDARD.encode(form));
    event["isBase64Encoded"] = json!(true);
    event
}

/// The request that a function is given of an event that is all right.
pub fn read(event: &Value) -> Request {
    let event: HttpEvent = serde_json::from_str(&event.to_string()).unwrap();
    event.into_request("invocation-1").unwrap()
}
