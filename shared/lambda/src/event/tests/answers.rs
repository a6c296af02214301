//! A response is the answer that a gateway takes.

use lambda_http::http::header::SET_COOKIE;
use lambda_http::http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::*;
use crate::request;

#[tokio::test]
async fn an_answer_has_its_cookies_in_their_list() {
    let event: HttpEvent = serde_json::from_value(event()).unwrap();
    let answer = event.answered("invocation-1", |request| async move {
        let mut response = Response::new(Body::Text(request.uri().to_string()));
        *response.status_mut() = StatusCode::IM_A_TEAPOT;
        for cookie in ["a=1", "b=2"] {
            let cookie = HeaderValue::from_static(cookie);
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    });
    let answer = serde_json::to_value(answer.await).unwrap();
    let expected = json!({
        "statusCode": 418,
        "headers": {},
        "multiValueHeaders": {},
        "cookies": ["a=1", "b=2"],
        "body": "/a",
        "isBase64Encoded": false,
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn bytes_are_answered_in_base64_and_nothing_without_a_body() {
    let rows = [
        (Body::Binary(vec![0xff]), json!("/w=="), true),
        (Body::Empty, Value::Null, false),
    ];
    for (body, expected, is_base64) in rows {
        let event: HttpEvent = serde_json::from_value(event()).unwrap();
        let answer = event.answered("", |_| async { Response::new(body) }).await;
        let answer = serde_json::to_value(answer).unwrap();
        assert_eq!(answer["body"], expected);
        assert_eq!(answer["isBase64Encoded"], is_base64);
    }
}

/// What a function answers to GET, which it was asked for.
async fn get(request: Request) -> Response<Body> {
    assert_eq!(request::method(&request), Method::GET);
    let mut response = Response::new(Body::Text("body".to_owned()));
    *response.status_mut() = StatusCode::IM_A_TEAPOT;
    let headers = response.headers_mut();
    headers.insert("x-request-id", HeaderValue::from_static("1"));
    headers.insert(SET_COOKIE, HeaderValue::from_static("a=b"));
    response
}

#[tokio::test]
async fn head_is_asked_and_answered_as_get_without_a_body() {
    let asked = |method: &str| {
        let event = with("/requestContext/http/method", json!(method));
        let event: HttpEvent = serde_json::from_str(&event.to_string()).unwrap();
        event.answered("invocation-1", get)
    };
    let (mut got, head) = (asked("GET").await, asked("HEAD").await);
    assert!(got.body.take().is_some());
    assert_eq!(head, got);
}
