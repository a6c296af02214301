//! SQS, and the function in Lambda in front of it: the queue's contract on an engine that is not
//! ours, and the program as it is deployed.

use auth::Timestamp;
use auth::ports::Clock as _;
use aws::{Endpoint, Queue, SystemClock, connect};
use feed::ContentType;
use feed::ports::{WakeError, Wakes};
use feed::wake::Wake;
use serde_json::{Value, json};
use tests::gateway_event::request;
use tests::{Deployed, Ministack};

use crate::contract::{Engine, what_is_sent_is_received};
use crate::stage::auth_id;

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");

struct Sqs {
    ministack: Ministack,
    url: String,
    queue: Queue,
}

impl Sqs {
    async fn start() -> Self {
        let ministack = Ministack::start().await;
        let url = ministack.create_queue("feed").await;
        let connection = connect(&Endpoint::Local(ministack.endpoint.clone())).await;
        Self {
            queue: connection.queue(&url),
            ministack,
            url,
        }
    }
}

impl Engine for Sqs {
    fn wakes(&self) -> &dyn Wakes {
        &self.queue
    }

    async fn receive(&self) -> Vec<(String, String, Timestamp)> {
        let messages = self.ministack.receive(&self.url).await;
        let facts = messages.iter().map(|message| {
            let attribute = |name: &str| message["Attributes"][name].as_str().unwrap().to_owned();
            let sent: i64 = attribute("SentTimestamp").parse().unwrap();
            let body = message["Body"].as_str().unwrap().to_owned();
            let sent_at = Timestamp::from_unix(sent / 1_000);
            (body, attribute("MessageGroupId"), sent_at)
        });
        facts.collect()
    }

    fn now(&self) -> Timestamp {
        SystemClock.now()
    }
}

#[tokio::test]
async fn what_is_sent_to_sqs_is_received() {
    what_is_sent_is_received(&Sqs::start().await).await;
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_an_operators() {
    let sqs = Sqs::start().await;
    let connection = connect(&Endpoint::Local(sqs.ministack.endpoint.clone())).await;
    let missing = connection.queue(&sqs.url.replace("feed", "none"));
    let wake = Wake::Notified {
        tenant: "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap(),
        types: [ContentType::Exchange].into(),
    };
    let error = missing.send(&[wake]).await.unwrap_err();
    assert!(matches!(error, WakeError::Broken(_)), "{error}");
    assert!(error.to_string().contains("FEED_QUEUE_URL"), "{error}");
}

/// As it is deployed, behind Lambda's runtime API: what it takes is in the queue.
#[tokio::test]
async fn the_function_in_lambda_puts_a_notification_on_the_queue() {
    let mut deployed = Deployed::start(MACHINE).await;
    let queue = deployed.cloud.create_queue("feed").await;
    let variables = &mut deployed.variables;
    variables.insert("FEED_QUEUE_URL".to_owned(), queue.clone());
    deployed.deploy("webhook").await;
    let tenant = deployed.machine.ready.simulated_tenants[0]
        .tenant_id
        .clone();
    let right = auth_id(deployed.directory(), &tenant);
    let event = |auth_id: &str| notification(&deployed, &tenant, auth_id);
    let taken = deployed.invoke("webhook", &event(&right)).await;
    assert_eq!(
        (&taken["statusCode"], &taken["body"]),
        (&json!(200), &Value::Null)
    );
    let refused = deployed.invoke("webhook", &event(&right[1..])).await;
    assert_eq!(refused["statusCode"], 403, "{refused}");
    let messages = deployed.cloud.receive(&queue).await;
    let [message] = &messages[..] else {
        panic!("one message: {messages:?}");
    };
    let wake = Wake::from_json(message["Body"].as_str().unwrap()).unwrap();
    assert_eq!(wake.tenant().to_string(), tenant);
}

fn notification(deployed: &Deployed, tenant: &str, auth_id: &str) -> Value {
    let ready = &deployed.machine.ready;
    let uri = format!(
        "{}/api/v1.0/{tenant}/activity/feed/audit/1",
        ready.entra_url
    );
    let items = json!([{
        "tenantId": tenant, "clientId": ready.client_id,
        "contentType": "Audit.Exchange", "contentUri": uri,
    }]);
    let mut event = request("POST", "/feed/webhook");
    event["headers"]["webhook-authid"] = json!(auth_id);
    event["headers"]["content-type"] = json!("application/json; utf-8");
    event["body"] = json!(items.to_string());
    event
}
