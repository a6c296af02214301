//! The webhook's program is killed (SIGKILL) at each request that it makes: to the secrets manager
//! and to the queue. Microsoft has no answer then and sends again, and the queue has what it said:
//! once, or twice.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tests::doomed::Doomed;
use tests::gate::{At, Gate, Passage};
use tests::gateway_event::request;
use tests::raw_server::{Answers, RawServer};

use crate::stage::Stage;

const KEYS: [&str; 2] = [".GetSecretValue\r", "webhook-keys"];
const SENT: [&str; 2] = [".SendMessageBatch\r", "Audit.Exchange"];

/// SQS, as far as it is sent something. It keeps the texts.
#[derive(Default)]
struct Sqs(Mutex<Vec<String>>);

impl Answers for Sqs {
    async fn answer(&self, request: Vec<u8>) -> Option<Vec<u8>> {
        let start = request.windows(4).position(|four| four == b"\r\n\r\n")?;
        let asked: Value = serde_json::from_slice(&request[start + 4..]).ok()?;
        let mut texts = self.0.lock().unwrap();
        for entry in asked["Entries"].as_array()? {
            texts.push(entry["MessageBody"].as_str()?.to_owned());
        }
        let body = json!({"Successful": [], "Failed": []}).to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Some((head + &body).into_bytes())
    }
}

/// One process, until it is killed there; its answer, where it gave one.
async fn run(doomed: &Doomed<'_>, sqs_url: &str, at: Option<At>) -> Option<Value> {
    let passage = &Passage::until(at);
    let service = doomed.secrets().await;
    let secrets = Gate::of(&service.url, passage).await;
    let queue = Gate::of(sqs_url, passage).await;
    let endpoints = [
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.url.as_str()),
        ("AWS_ENDPOINT_URL_SQS", queue.url.as_str()),
    ];
    let (answer, _) = doomed.run_until(&endpoints, passage.stopped()).await;
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_killed_at_any_request_leaves_what_microsofts_next_try_completes() {
    let stage = Stage::start().await;
    let tenant = stage.run.tenant(0);
    let mut event = request("POST", "/feed/webhook");
    event["headers"]["webhook-authid"] = json!(stage.auth_id(&tenant));
    event["body"] = json!(json!([stage.item(&tenant, "Audit.Exchange")]).to_string());
    let doomed = Doomed {
        binary: env!("CARGO_BIN_EXE_webhook_program"),
        data_dir: stage.directory.path(),
        variables: &[],
        name: "webhook",
        event,
        time: Duration::from_secs(25),
    };
    // What was done last, where the gates stop, and what the queue has then.
    let deaths = [
        ("nothing is done", Some(At::Nth([""; 2], 0)), 0),
        ("the keys are read", Some(At::Nth(KEYS, 1)), 0),
        ("the message is sent", Some(At::Nth(SENT, 1)), 1),
        ("it has answered", None, 1),
    ];
    for (what, at, in_queue) in deaths {
        let sqs = Arc::new(Sqs::default());
        let server = RawServer::start(0, Arc::clone(&sqs)).await;
        let answered = run(&doomed, &server.url(), at).await;
        assert_eq!(answered.is_some(), at.is_none(), "{what} was not reached");
        assert_eq!(sqs.0.lock().unwrap().len(), in_queue, "{what}");
        let again = run(&doomed, &server.url(), None).await.unwrap();
        assert_eq!(again["statusCode"], 200, "{what}: {again}");
        let texts = sqs.0.lock().unwrap();
        assert_eq!(texts.len(), in_queue + 1, "{what}");
        assert!(
            texts.iter().all(|text| *text == texts[0]),
            "{what}: {texts:?}"
        );
    }
}
