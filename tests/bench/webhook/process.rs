//! The measured process: the webhook, and a function that writes one message to the queue and
//! answers.

use std::sync::Arc;

use async_trait::async_trait;
use auth::ports::{Clock as _, DeployedSecret, SecretError, SecretSource};
use auth::ring::{LiveRingParts, RingBook};
use auth::secret::{ExposeSecret as _, SecretString};
use auth::{Cloud, TenantId};
use aws::{Endpoint, SystemClock, SystemRandom, connect};
use feed::ContentType;
use feed::address::FeedHost;
use feed::auth_id::{AuthKeys, LiveAuthKeys, not_read_again};
use feed::ports::Wakes;
use feed::wake::Wake;
use lambda::event::HttpEvent;
use lambda::function::AnswersRequests as _;
use lambda::telemetry::{self, LogFormat};
use lambda_http::{Body, Response};
use serde_json::json;
use tests::gateway_event::request;
use webhook::{Refusals, Webhook};

use super::Measured;
use crate::child::say;
use crate::cpu::own_time;
use crate::fleet;
use crate::report::micros_each;

const ROUNDS: usize = 10;
const CLIENT: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";
const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/feed";

/// Keys that are there.
struct Keys(SecretString);

#[async_trait]
impl SecretSource for Keys {
    async fn read(&self, _: &str) -> Result<SecretString, SecretError> {
        Ok(self.0.clone())
    }
}

/// What is measured, and what it is asked for.
struct Kind {
    name: String,
    event: String,
    writes_alone: bool,
}

struct Functions {
    webhook: Webhook,
    wakes: Arc<dyn Wakes>,
    tenant: TenantId,
}

/// Measures and says the figures.
pub(crate) async fn process(queue_url: &str, requests: usize) {
    telemetry::init(LogFormat::Json, None);
    let connection = connect(&Endpoint::Local(queue_url.to_owned())).await;
    let wakes: Arc<dyn Wakes> = Arc::new(connection.queue(QUEUE));
    let secret = RingBook::first(&SystemRandom, SystemClock.now()).to_json();
    let tenant = fleet::tenants(1)[0];
    let kinds = kinds(tenant, &secret);
    let functions = Functions {
        webhook: webhook(secret, Arc::clone(&wakes)).await,
        wakes,
        tenant,
    };
    let each = (requests / ROUNDS).max(1);
    let mut measured: Vec<(String, Vec<f64>)> = Vec::new();
    measured.extend(kinds.iter().map(|kind| (kind.name.clone(), Vec::new())));
    // The first round warms connections and memory.
    for round in 0..=ROUNDS {
        for (kind, (_, turns)) in kinds.iter().zip(&mut measured) {
            let before = own_time();
            for _ in 0..each {
                functions.answer(kind).await;
            }
            if round > 0 {
                turns.push(micros_each(own_time() - before, each));
            }
        }
    }
    let measured = Measured {
        kinds: measured,
        requests: each * ROUNDS,
    };
    say(&serde_json::to_string(&measured).unwrap()).await;
}

impl Functions {
    /// From the event's text to the answer's, as between Lambda's runtime and a handler.
    async fn answer(&self, kind: &Kind) {
        let event: HttpEvent = serde_json::from_str(&kind.event).unwrap();
        let answer = if kind.writes_alone {
            event.answered("invocation", |_| self.write()).await
        } else {
            let handle = |request| self.webhook.handle(request);
            event.answered("invocation", handle).await
        };
        let text = serde_json::to_vec(&answer).unwrap();
        std::hint::black_box(text);
    }

    async fn write(&self) -> Response<Body> {
        let wake = Wake::Notified {
            tenant: self.tenant,
            types: [ContentType::Exchange].into(),
        };
        self.wakes.send(&[wake]).await.unwrap();
        Response::new(Body::Empty)
    }
}

/// As its main builds it.
async fn webhook(secret: SecretString, wakes: Arc<dyn Wakes>) -> Webhook {
    let parts = LiveRingParts {
        secrets: Arc::new(Keys(secret)),
        name: "webhook-keys".to_owned(),
        secret: DeployedSecret::WebhookKeys,
        parse: AuthKeys::from_json,
        not_read_again,
    };
    let keys = LiveAuthKeys::load(parts, Arc::new(SystemClock)).await;
    Webhook {
        keys: keys.unwrap(),
        client_id: CLIENT.parse().unwrap(),
        hosts: Cloud::ALL.map(FeedHost::of).into(),
        wakes,
        refusals: Refusals::default(),
        clock: Arc::new(SystemClock),
        meter: None,
    }
}

/// The first is what the others are measured against.
fn kinds(tenant: TenantId, secret: &SecretString) -> Vec<Kind> {
    let keys = AuthKeys::from_json(secret.expose_secret()).unwrap();
    let auth_id = keys.of(tenant);
    let auth_id = auth_id.expose_secret();
    let notification = |name: &str, items, auth_id: &str, writes_alone| Kind {
        name: name.to_owned(),
        event: event(tenant, auth_id, items),
        writes_alone,
    };
    vec![
        notification("a function that only writes to the queue", 1, auth_id, true),
        notification("a notification of one item", 1, auth_id, false),
        notification("a notification of 10 items", 10, auth_id, false),
        notification("100 items", 100, auth_id, false),
        notification("refused: a wrong AuthID", 1, &auth_id[1..], false),
    ]
}

fn event(tenant: TenantId, auth_id: &str, items: usize) -> String {
    let content = "492638008028$492638008028$f28ab78ad40140608012736e373933ebspo2015043022$4a81a7c326fc4aed89c62e6039ab833b$04";
    let host = Cloud::Public.management_api();
    let item = json!({
        "tenantId": tenant,
        "clientId": CLIENT,
        "contentType": "Audit.Exchange",
        "contentId": content,
        "contentUri": format!("{host}/api/v1.0/{tenant}/activity/feed/audit/{content}"),
        "contentCreated": "2027-01-15T08:00:00.000Z",
        "contentExpiration": "2027-01-22T08:00:00.000Z",
    });
    let mut event = request("POST", "/feed/webhook");
    event["headers"]["webhook-authid"] = json!(auth_id);
    event["headers"]["content-type"] = json!("application/json; utf-8");
    event["body"] = json!(json!(vec![item; items]).to_string());
    event.to_string()
}
