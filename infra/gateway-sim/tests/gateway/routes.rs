//! Which function is given which request, and the answers that need none.

use axum::http::Method;

use super::*;

#[tokio::test]
async fn routes_are_chosen_as_an_http_api_chooses() {
    let recorder = Recorder::ok();
    let routes = Routes::new()
        .any("/{proxy+}", recorder.clone())
        .any("/pets/dog/1", recorder.clone())
        .route(Method::GET, "/pets/{proxy+}", recorder.clone())
        .route(Method::GET, "/pets/dog/{id}", recorder.clone())
        .route(Method::GET, "/pets/dog/1", recorder.clone())
        .default(recorder.clone());
    let running = Running::start(routes).await;
    let table = [
        ("GET /pets/dog/1", "GET /pets/dog/1", json!(null)),
        ("PUT /pets/dog/1", "ANY /pets/dog/1", json!(null)),
        ("GET /pets/dog/2", "GET /pets/dog/{id}", json!({"id": "2"})),
        (
            "GET /pets/dog/%C3%A9%2F3",
            "GET /pets/dog/{id}",
            json!({"id": "é/3"}),
        ),
        (
            "GET /pets/cat/1",
            "GET /pets/{proxy+}",
            json!({"proxy": "cat/1"}),
        ),
        (
            "GET /pets/dog/",
            "GET /pets/{proxy+}",
            json!({"proxy": "dog/"}),
        ),
        (
            "POST /pets/cat/1",
            "ANY /{proxy+}",
            json!({"proxy": "pets/cat/1"}),
        ),
        ("GET /", "$default", json!(null)),
    ];
    for (line, route_key, parameters) in table {
        assert_eq!(running.send(line, b"").await.status, 200, "{line}");
        let event = recorder.events.lock().unwrap().pop().unwrap();
        assert_eq!(event["routeKey"], route_key, "{line}");
        assert_eq!(event["requestContext"]["routeKey"], route_key, "{line}");
        assert_eq!(event["pathParameters"], parameters, "{line}");
    }
}

#[tokio::test]
async fn local_answers_stand_on_the_same_port_and_call_no_function() {
    let recorder = Recorder::ok();
    let routes = everything_to(&recorder).local(Method::GET, "/keys", || {
        ("application/json", r#"{"keys":[]}"#.into())
    });
    let running = Running::start(routes).await;
    let answer = running.send("GET /keys?x=1", b"").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.body, br#"{"keys":[]}"#);
    assert_eq!(recorder.calls(), 0);
    running.send("POST /keys", b"").await;
    assert_eq!(recorder.calls(), 1, "another method is the function's");
    let answer = running
        .exchange("GET /keys HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        .await;
    answer.is_refusal(403, "Forbidden");
}
