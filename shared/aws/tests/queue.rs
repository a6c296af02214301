//! The queue behind SQS's own API as it answers: what is sent, in how many requests, and what a
//! refusal means to the sender. No word of an account is in an error.

use std::sync::{Arc, Mutex};

use aws::{Endpoint, Queue, connect};
use feed::ContentType;
use feed::ports::{WakeError, Wakes as _};
use feed::wake::Wake;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const URL: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/feed";

/// What SQS answers: status, headers, body.
type Answer = (u16, &'static str, &'static str);

/// SQS at a port of its own.
struct Sqs {
    queue: Queue,
    bodies: Arc<Mutex<Vec<Value>>>,
}

impl Sqs {
    async fn that(answer: Answer) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let bodies = Arc::new(Mutex::default());
        let kept = Arc::clone(&bodies);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, answer, Arc::clone(&kept)));
            }
        });
        let queue = connect(&Endpoint::Local(url)).await.queue(URL);
        Self { queue, bodies }
    }

    fn bodies(&self) -> Vec<Value> {
        self.bodies.lock().unwrap().clone()
    }
}

async fn serve(
    mut client: TcpStream,
    (status, headers, body): Answer,
    kept: Arc<Mutex<Vec<Value>>>,
) {
    let mut request = Vec::new();
    let json = loop {
        if client.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
        let start = request.windows(4).position(|four| four == b"\r\n\r\n");
        let json = start.and_then(|start| serde_json::from_slice(&request[start + 4..]).ok());
        if let Some(json) = json {
            break json;
        }
    };
    kept.lock().unwrap().push(json);
    let text = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\n{headers}\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = client.write_all(text.as_bytes()).await;
}

fn wake(number: u8) -> Wake {
    let tenant = format!("41463f53-8812-40f4-890f-865bf6e351{number:02}");
    Wake::Notified {
        tenant: tenant.parse().unwrap(),
        types: [ContentType::Exchange].into(),
    }
}

#[tokio::test]
async fn ten_messages_go_in_a_request_each_in_the_group_of_its_tenant() {
    let sqs = Sqs::that((200, "", r#"{"Successful":[],"Failed":[]}"#)).await;
    let wakes: Vec<Wake> = (0..23).map(wake).collect();
    sqs.queue.send(&wakes).await.unwrap();
    let bodies = sqs.bodies();
    let entries = |body: &Value| body["Entries"].as_array().unwrap().clone();
    let counts: Vec<usize> = bodies.iter().map(|body| entries(body).len()).collect();
    assert_eq!(counts, [10, 10, 3]);
    let sent: Vec<Value> = bodies.iter().flat_map(entries).collect();
    for (entry, wake) in sent.iter().zip(&wakes) {
        assert_eq!(entry["MessageGroupId"], wake.tenant().to_string());
        let text = entry["MessageBody"].as_str().unwrap();
        assert_eq!(Wake::from_json(text), Ok(wake.clone()));
    }
    assert!(bodies.iter().all(|body| body["QueueUrl"] == URL));
    sqs.queue.send(&[]).await.unwrap();
    assert_eq!(sqs.bodies().len(), 3, "none is no request");
}

#[tokio::test]
async fn a_refusal_passes_or_is_an_operators_and_names_no_account() {
    const THROTTLED: &str =
        r#"{"__type":"com.amazonaws.sqs#RequestThrottled","message":"123456789012"}"#;
    const MISSING: &str =
        r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"123456789012"}"#;
    const OLD: &str = "x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender\r\n";
    const DENIED: &str = r#"{"__type":"com.amazon.coral.service#AccessDeniedException","message":"arn:aws:sqs:eu-west-1:123456789012:feed"}"#;
    const NOT_OURS: &str =
        r#"{"Successful":[],"Failed":[{"Id":"0","Code":"InternalError","SenderFault":false}]}"#;
    const OURS: &str = r#"{"Successful":[],"Failed":[{"Id":"0","Code":"InvalidMessageContents","SenderFault":true}]}"#;
    // The answer, whether it passes, a word of the error.
    let rows: [(Answer, bool, &str); 10] = [
        ((400, "", THROTTLED), true, "RequestThrottled"),
        ((500, "", "{}"), true, "500"),
        ((503, "", ""), true, "503"),
        ((200, "", "<html>"), true, "cannot be read"),
        ((200, "", NOT_OURS), true, "InternalError"),
        ((400, "", MISSING), false, "FEED_QUEUE_URL"),
        ((400, OLD, MISSING), false, "FEED_QUEUE_URL"),
        ((403, "", DENIED), false, "policy"),
        ((400, "", "{}"), false, "refuses"),
        ((200, "", OURS), false, "InvalidMessageContents"),
    ];
    for (answer, passes, word) in rows {
        let sqs = Sqs::that(answer).await;
        let error = sqs.queue.send(&[wake(1)]).await.unwrap_err();
        let text = error.to_string();
        assert_eq!(
            matches!(error, WakeError::Unavailable(_)),
            passes,
            "{answer:?} {text}"
        );
        assert!(text.contains(word), "{answer:?}: {text}");
        assert!(!text.contains("123456789012"), "{text}");
    }
}

#[tokio::test]
async fn where_nothing_listens_it_is_worth_another_try() {
    let free = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let queue = connect(&Endpoint::Local(url)).await.queue(URL);
    let error = queue.send(&[wake(1)]).await.unwrap_err();
    assert!(matches!(error, WakeError::Unavailable(_)), "{error}");
}
