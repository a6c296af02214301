//! An event bus of an emulated EventBridge, whose rule passes what it gets to a queue.

use std::sync::Arc;

use auth::ports::{EventSink as _, Sent, WaitingEvent};
use auth::{Tenant, Timestamp};
use aws::{Endpoint, connect};
use reqwest::Client;
use serde_json::{Value, json};
use tests::Ministack;
use tests::raw_server::{Answers, RawServer};

/// One request of the JSON protocol of AWS.
async fn asked(ministack: &Ministack, target: &str, body: &Value) -> Value {
    let service = target.split('.').next().unwrap();
    let name = if service == "AWSEvents" {
        "events"
    } else {
        "sqs"
    };
    let credential =
        format!("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{name}/aws4_request");
    let request = Client::builder().no_proxy().build().unwrap();
    let request = request
        .post(&ministack.endpoint)
        .header("x-amz-target", target)
        .header("content-type", "application/x-amz-json-1.1")
        .header("authorization", credential)
        .body(body.to_string());
    let answer = request.send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&answer).unwrap_or(Value::Null)
}

fn waiting(number: i64) -> WaitingEvent {
    let id = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
    let tenant = Tenant::connected(id, Timestamp::from_unix(1_431_655_194 + number));
    let event = auth::event::Event::of_change(None, &tenant).unwrap();
    WaitingEvent {
        shard: 0,
        place: String::new(),
        id: event.id.clone(),
        kind: event.kind.to_string(),
        time: event.time,
        body: event.to_json(),
        taken_by: Default::default(),
        attempts: 0,
        next_attempt_at: None,
    }
}

#[tokio::test]
async fn a_rule_of_the_bus_gets_each_event_as_it_is() {
    let ministack = Ministack::start().await;
    let queue = asked(
        &ministack,
        "AmazonSQS.CreateQueue",
        &json!({"QueueName": "events"}),
    )
    .await;
    let url = queue["QueueUrl"]
        .as_str()
        .unwrap_or_else(|| panic!("{queue}"));
    let pattern = json!({"source": ["m365-token-broker"]}).to_string();
    for (operation, body) in [
        ("CreateEventBus", json!({"Name": "security"})),
        (
            "PutRule",
            json!({"Name": "all", "EventBusName": "security", "EventPattern": pattern}),
        ),
        (
            "PutTargets",
            json!({"Rule": "all", "EventBusName": "security", "Targets": [
                {"Id": "queue", "Arn": "arn:aws:sqs:us-east-1:000000000000:events"}]}),
        ),
    ] {
        asked(&ministack, &format!("AWSEvents.{operation}"), &body).await;
    }
    let connection = connect(&Endpoint::Local(ministack.endpoint.clone())).await;
    let events: Vec<_> = (0..12).map(waiting).collect();
    let bus = connection.event_bus("security");
    let sent = bus.send(&events.iter().collect::<Vec<_>>()).await;
    assert_eq!(sent, vec![Sent::Taken; 12]);
    let mut received = Vec::new();
    for _ in 0..6 {
        let ask = json!({"QueueUrl": url, "MaxNumberOfMessages": 10});
        let answer = asked(&ministack, "AmazonSQS.ReceiveMessage", &ask).await;
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        received.extend(messages.iter().map(|message| {
            let body = message["Body"].as_str().unwrap();
            serde_json::from_str::<Value>(body).unwrap()
        }));
    }
    let details: Vec<String> = received
        .iter()
        .map(|event| event["detail"]["id"].to_string())
        .collect();
    for event in &events {
        let id = json!(event.id).to_string();
        assert_eq!(
            details.iter().filter(|detail| **detail == id).count(),
            1,
            "{received:?}"
        );
    }
    assert!(
        received
            .iter()
            .all(|event| event["source"] == "m365-token-broker")
    );
    assert!(
        received
            .iter()
            .all(|event| event["detail-type"] == "TenantConnected")
    );
}

#[tokio::test]
async fn a_bus_that_is_not_there_is_tried_again_later() {
    let nowhere = connect(&Endpoint::Local("http://127.0.0.1:1".to_owned())).await;
    let sent = nowhere.event_bus("security").send(&[&waiting(0)]).await;
    assert!(matches!(&sent[..], [Sent::Later(_)]), "{sent:?}");
}

/// Answers each request alike.
struct Says(Value);

impl Answers for Says {
    async fn answer(&self, _: Vec<u8>) -> Option<Vec<u8>> {
        let body = self.0.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Some((head + &body).into_bytes())
    }
}

/// A request can succeed for some of its entries; one with another number of outcomes says nothing.
#[tokio::test]
async fn each_entry_has_an_outcome_of_its_own() {
    let taken = json!({"EventId": "1"});
    let refused = json!({"ErrorCode": "ThrottlingException", "ErrorMessage": "arn:aws:…"});
    let rows = [
        (json!([taken, refused]), [true, false]),
        (json!([refused, taken]), [false, true]),
        (json!([taken]), [false, false]),
        (json!([]), [false, false]),
        (json!([taken, {}]), [true, false]),
    ];
    for (entries, expected) in rows {
        let answer = json!({"FailedEntryCount": 1, "Entries": entries});
        let server = RawServer::start(0, Arc::new(Says(answer.clone()))).await;
        let connection = connect(&Endpoint::Local(server.url())).await;
        let events = [waiting(0), waiting(1)];
        let bus = connection.event_bus("security");
        let sent = bus.send(&events.iter().collect::<Vec<_>>()).await;
        let is_taken: Vec<_> = sent.iter().map(|sent| *sent == Sent::Taken).collect();
        assert_eq!(is_taken, expected, "{answer}");
        assert!(!format!("{sent:?}").contains("arn"), "{sent:?}");
    }
}
