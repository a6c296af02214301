//! What the function answers and puts on the queue, while what is around it fails: a queue that
//! is down, keys that cannot be read again, a rotation under way, the same notification again.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::encoding::base64_standard;
use auth::ports::{Clock as _, DeployedSecret, HeldClock, SecretError, SecretSource};
use auth::ring::{LiveRingParts, RING_MAX_AGE};
use auth::secret::{ExposeSecret as _, SecretString};
use auth::{Cloud, TenantId};
use feed::ContentType;
use feed::address::FeedHost;
use feed::auth_id::{AuthKeys, LiveAuthKeys, not_read_again};
use feed::ports::{WakeError, Wakes};
use feed::wake::Wake;
use lambda::function::AnswersRequests as _;
use lambda_http::{Body, Request, Response};
use serde_json::{Value, json};
use webhook::{Refusals, Webhook};

const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const OTHER: &str = "8ad8f1ab-9d12-4a2a-9a0f-1f0a3c5cbb7c";
const CLIENT: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";
const WEEK: i64 = 7 * 86_400;

/// The secret and the queue, each of which can be down.
#[derive(Default)]
struct World {
    secret: Mutex<Option<String>>,
    queue_is_down: Mutex<bool>,
    sent: Mutex<Vec<Wake>>,
}

#[async_trait]
impl SecretSource for World {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        let secret = self.secret.lock().unwrap().clone();
        secret
            .map(Into::into)
            .ok_or_else(|| SecretError::Unavailable {
                name: name.to_owned(),
                reason: "it is down".to_owned(),
            })
    }
}

#[async_trait]
impl Wakes for World {
    async fn send(&self, wakes: &[Wake]) -> Result<(), WakeError> {
        if *self.queue_is_down.lock().unwrap() {
            return Err(WakeError::Unavailable("it is down".to_owned()));
        }
        self.sent.lock().unwrap().extend_from_slice(wakes);
        Ok(())
    }
}

struct Stage {
    world: Arc<World>,
    clock: Arc<HeldClock>,
    webhook: Webhook,
}

/// A ring of these keys; the first is the primary one.
fn ring(ids: &[&str]) -> String {
    let key = |id: &&str| {
        let bytes = [id.as_bytes()[0]; 32];
        (id.to_string(), Value::from(base64_standard(&bytes)))
    };
    let keys: serde_json::Map<_, _> = ids.iter().map(key).collect();
    json!({"primary": ids[0], "keys": keys}).to_string()
}

fn auth_id(ids: &[&str], tenant: &str) -> String {
    let keys = AuthKeys::from_json(&ring(ids)).unwrap();
    keys.of(tenant.parse().unwrap()).expose_secret().to_owned()
}

impl Stage {
    async fn with(ids: &[&str]) -> Self {
        let world = Arc::new(World::default());
        *world.secret.lock().unwrap() = Some(ring(ids));
        let clock = Arc::new(HeldClock::at(1_800_000_000));
        let parts = LiveRingParts {
            secrets: world.clone(),
            name: "webhook-keys".to_owned(),
            secret: DeployedSecret::WebhookKeys,
            parse: AuthKeys::from_json,
            not_read_again,
        };
        let webhook = Webhook {
            keys: LiveAuthKeys::load(parts, clock.clone()).await.unwrap(),
            client_id: CLIENT.parse().unwrap(),
            hosts: Cloud::ALL.map(FeedHost::of).into(),
            wakes: world.clone(),
            refusals: Refusals::default(),
            clock: clock.clone(),
            meter: None,
        };
        Self {
            world,
            clock,
            webhook,
        }
    }

    /// The status; no answer has a body, and all have the same headers.
    async fn post(&self, headers: &[(&str, &str)], body: impl Into<Body>) -> u16 {
        let mut request = Request::new(body.into());
        *request.method_mut() = lambda_http::http::Method::POST;
        for (name, value) in headers {
            let name: lambda_http::http::HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let answer: Response<Body> = self.webhook.handle(request).await;
        assert!(matches!(answer.body(), Body::Empty));
        let headers: BTreeSet<_> = answer.headers().keys().map(|name| name.as_str()).collect();
        let always = ["cache-control", "x-content-type-options", "x-request-id"];
        assert_eq!(headers, always.into());
        answer.status().as_u16()
    }

    async fn notify(&self, ids: &[&str], items: &[Value]) -> u16 {
        let auth_id = auth_id(ids, TENANT);
        let headers = [("Webhook-AuthID", auth_id.as_str())];
        self.post(&headers, json!(items).to_string()).await
    }

    fn sent(&self) -> Vec<Wake> {
        std::mem::take(&mut *self.world.sent.lock().unwrap())
    }
}

fn item(content_type: &str) -> Value {
    let uri = format!("https://manage.office.com/api/v1.0/{TENANT}/activity/feed/audit/1");
    json!({
        "tenantId": TENANT, "clientId": CLIENT, "contentType": content_type,
        "contentId": "1", "contentUri": uri,
    })
}

fn wake(types: &[ContentType]) -> Wake {
    let tenant: TenantId = TENANT.parse().unwrap();
    Wake::Notified {
        tenant,
        types: types.iter().copied().collect(),
    }
}

#[tokio::test]
async fn one_message_says_what_ten_thousand_items_say() {
    let stage = Stage::with(&["a"]).await;
    let items = vec![item("Audit.Exchange"); 10_000];
    assert_eq!(stage.notify(&["a"], &items).await, 200);
    assert_eq!(stage.sent(), [wake(&[ContentType::Exchange])]);
}

#[tokio::test]
async fn a_queue_that_is_down_is_microsofts_cue_to_send_again() {
    let stage = Stage::with(&["a"]).await;
    *stage.world.queue_is_down.lock().unwrap() = true;
    assert_eq!(stage.notify(&["a"], &[item("DLP.All")]).await, 503);
    *stage.world.queue_is_down.lock().unwrap() = false;
    assert_eq!(stage.notify(&["a"], &[item("DLP.All")]).await, 200);
    assert_eq!(stage.sent(), [wake(&[ContentType::Dlp])]);
}

#[tokio::test]
async fn an_address_is_validated_while_everything_else_is_down() {
    let stage = Stage::with(&["a"]).await;
    *stage.world.queue_is_down.lock().unwrap() = true;
    *stage.world.secret.lock().unwrap() = None;
    stage.clock.pass(RING_MAX_AGE);
    let auth_id = auth_id(&["a"], TENANT);
    let asked = [
        ("Webhook-AuthID", auth_id.as_str()),
        ("Webhook-ValidationCode", "opaque"),
    ];
    let bodies = [r#"{"validationCode":"opaque"}"#, "", "not json"];
    for body in bodies {
        assert_eq!(stage.post(&asked, body).await, 200, "{body}");
    }
    // One that no subscription asked for is answered, too, and does nothing.
    stage.clock.advance(WEEK);
    assert_eq!(stage.post(&asked, bodies[0]).await, 200);
    assert_eq!(stage.post(&asked[1..], bodies[0]).await, 403);
    assert_eq!(stage.sent(), []);
}

#[tokio::test]
async fn a_rotation_takes_the_old_auth_id_until_its_key_is_gone() {
    let stage = Stage::with(&["old"]).await;
    let items = [item("Audit.General")];
    assert_eq!(stage.notify(&["old"], &items).await, 200);
    assert_eq!(stage.notify(&["new"], &items).await, 403);
    // What is in the secret now, and what becomes of the old AuthID and of the new one.
    let rows: [(&[&str], u16, u16); 3] = [
        (&["old", "new"], 200, 200),
        (&["new", "old"], 200, 200),
        (&["new"], 403, 200),
    ];
    for (ids, old, new) in rows {
        *stage.world.secret.lock().unwrap() = Some(ring(ids));
        stage.clock.pass(RING_MAX_AGE);
        assert_eq!(stage.notify(&["old"], &items).await, old, "{ids:?}");
        assert_eq!(stage.notify(&["new"], &items).await, new, "{ids:?}");
    }
    // A secret that no one can read changes nothing.
    *stage.world.secret.lock().unwrap() = Some("{}".to_owned());
    stage.clock.pass(RING_MAX_AGE);
    assert_eq!(stage.notify(&["new"], &items).await, 200);
}

/// A worker lists what is new, and finds nothing.
#[tokio::test]
async fn the_same_notification_a_week_later_wakes_again_and_no_more() {
    let stage = Stage::with(&["a"]).await;
    for _ in 0..2 {
        assert_eq!(stage.notify(&["a"], &[item("Audit.Exchange")]).await, 200);
        assert_eq!(stage.sent(), [wake(&[ContentType::Exchange])]);
        stage.clock.advance(WEEK);
    }
}

#[tokio::test]
async fn types_that_are_not_known_are_taken_and_wake_for_nothing() {
    let stage = Stage::with(&["a"]).await;
    assert_eq!(stage.notify(&["a"], &[item("Audit.Unheard")]).await, 200);
    assert_eq!(stage.sent(), []);
    let mixed = [item("Audit.Unheard"), item("Audit.SharePoint")];
    assert_eq!(stage.notify(&["a"], &mixed).await, 200);
    assert_eq!(stage.sent(), [wake(&[ContentType::SharePoint])]);
}

#[tokio::test]
async fn what_is_too_long_or_no_text_or_fits_nothing_is_refused_with_one_answer() {
    let stage = Stage::with(&["a"]).await;
    let auth_id = auth_id(&["a"], TENANT);
    let right = [("Webhook-AuthID", auth_id.as_str())];
    let mut elsewhere = item("Audit.Exchange");
    elsewhere["tenantId"] = json!(OTHER);
    let whole = json!([item("Audit.Exchange")]).to_string();
    let long = format!(
        "[{}{}]",
        " ".repeat(6 * 1024 * 1024),
        item("Audit.Exchange")
    );
    let rows = [
        Body::Empty,
        Body::Text("[]".to_owned()),
        Body::Text("{}".to_owned()),
        Body::Text(item("Audit.Exchange").to_string()),
        Body::Text(json!([elsewhere]).to_string()),
        Body::Text(long),
        Body::Text(whole[..whole.len() - 1].to_owned()),
        Body::Binary([whole.as_bytes(), b"\xff"].concat()),
        Body::Binary(whole.replace("Audit", "\u{e9}").into_bytes()[..40].to_vec()),
        Body::Binary(whole.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    for body in rows {
        let shown = format!("{body:.80?}");
        assert_eq!(stage.post(&right, body).await, 403, "{shown}");
    }
    assert_eq!(stage.sent(), []);
    assert_eq!(stage.clock.now().unix(), 1_800_000_000);
    // In base64, as a gateway hands on what it takes for no text.
    let binary = Body::Binary(whole.into_bytes());
    assert_eq!(stage.post(&right, binary).await, 200);
}
