//! Webhooks of subscriptions: what a start sends, what a list and a start's answer say of one, and
//! all of it against the simulator.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use feed::ContentType;
use feed::ports::{FeedApi as _, Subscribe};
use feed::refusal::Refusal;
use feed::webhook::{Webhook, WebhookState as S, judge};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::server::RawApi;
use super::simulator::World;
use super::{Asker, DATE, DATE_UNIX};
use crate::fake::raw::http;

const ADDRESS: &str = "https://broker.example/feed/webhook";
const AUTH_ID: &str = "k1.tenant.a-secret-mac";

fn wanted(address: &str) -> Webhook {
    Webhook {
        address: address.parse().unwrap(),
        auth_id: AUTH_ID.into(),
    }
}

/// What is judged of a webhook that is written so.
fn rows() -> Vec<(Value, S)> {
    let ours =
        json!({"address": ADDRESS, "authId": AUTH_ID, "expiration": null, "status": "enabled"});
    let with = |name: &str, value: Value| {
        let mut webhook = ours.clone();
        webhook[name] = value;
        webhook
    };
    let without = |name: &str| {
        let mut webhook = ours.clone();
        webhook.as_object_mut().unwrap().remove(name);
        webhook
    };
    vec![
        (Value::Null, S::Missing),
        (ours.clone(), S::Enabled),
        (without("status"), S::Enabled),
        (with("status", Value::Null), S::Enabled),
        (with("status", json!("Enabled")), S::Enabled),
        (without("expiration"), S::Enabled),
        (with("expiration", json!("")), S::Enabled),
        (with("expiration", json!("2026-11-22T10:00:01")), S::Enabled),
        (
            with("expiration", json!("9999-12-31T23:59:59.9999999Z")),
            S::Enabled,
        ),
        (with("expiration", json!("soon")), S::Enabled),
        (with("expiration", json!(7)), S::Enabled),
        (
            with("address", json!("https://broker.example:443/feed/webhook")),
            S::Enabled,
        ),
        (with("more", json!({"a": []})), S::Enabled),
        (with("expiration", json!("2026-11-22T10:00:00")), S::Expired),
        (
            with("expiration", json!("2016-01-01T00:00:00.000Z")),
            S::Expired,
        ),
        (with("status", json!("expired")), S::Expired),
        (with("status", json!("DISABLED")), S::Disabled),
        (with("status", json!("")), S::Disabled),
        (with("status", json!("paused")), S::Disabled),
        (with("status", json!(1)), S::Disabled),
        (with("status", json!(["enabled"])), S::Disabled),
        (
            with("address", json!("https://old.example/")),
            S::OtherAddress,
        ),
        (with("address", Value::Null), S::OtherAddress),
        (with("address", json!(7)), S::OtherAddress),
        (without("address"), S::OtherAddress),
        (json!({}), S::OtherAddress),
        (json!([]), S::OtherAddress),
        (
            json!("https://broker.example/feed/webhook"),
            S::OtherAddress,
        ),
        (json!(true), S::OtherAddress),
        (with("authId", Value::Null), S::OtherAuthId),
        (without("authId"), S::OtherAuthId),
        (with("authId", json!("k0")), S::OtherAuthId),
        (with("authId", json!(["k1"])), S::OtherAuthId),
        // The reference writes its names so, and no other way was seen.
        (
            json!({"Address": ADDRESS, "AuthId": AUTH_ID}),
            S::OtherAddress,
        ),
    ]
}

#[tokio::test]
async fn the_webhook_of_a_list_and_of_a_started_subscription_is_read_as_it_is_written() {
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    let (client, who) = (&asker.client, asker.who());
    let wanted = wanted(ADDRESS);
    for (webhook, expected) in rows() {
        let entry =
            json!({"contentType": "audit.exchange", "status": "enabled", "webhook": webhook});
        let other = json!({"contentType": "Audit.General", "status": "enabled"});
        let unknown = json!({"contentType": "Audit.Copilot", "webhook": webhook});
        let list = json!([unknown, entry, other]).to_string();
        api.answer(http(200, DATE, list.as_bytes()));
        let listed = client.subscriptions(who).await.unwrap();
        let of = |wanted| move |(one, _): &&(ContentType, _)| *one == wanted;
        assert_eq!(listed.listed.len(), 2, "{webhook}");
        let general = listed.webhooks.iter().filter(of(ContentType::General));
        assert_eq!(general.count(), 0, "{webhook}");
        let found = listed.webhooks.iter().filter(of(ContentType::Exchange));
        let found = judge(found.map(|(_, one)| one), Some(&wanted), listed.at);
        assert_eq!(found, expected, "{webhook}");

        api.answer(http(200, DATE, entry.to_string().as_bytes()));
        let what = Subscribe::Start(Some(&wanted));
        let started = client.subscribe(who, ContentType::Exchange, what).await;
        let started = started.unwrap();
        let found = judge(&started.webhook, Some(&wanted), started.at);
        assert_eq!(
            (found, started.at.unix()),
            (expected, DATE_UNIX),
            "{webhook}"
        );
    }
}

#[tokio::test]
async fn a_start_with_a_webhook_says_its_address_and_auth_id_and_one_without_has_no_body() {
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    let hook = Hook::start().await;
    // The raw server reads heads alone: the body goes to an endpoint that keeps it.
    let asker = Asker {
        host: feed::address::FeedHost::new(&hook.origin).unwrap(),
        ..asker
    };
    let (client, who) = (&asker.client, asker.who());
    for sent in [Some(wanted(ADDRESS)), None] {
        let what = Subscribe::Start(sent.as_ref());
        let answered = client.subscribe(who, ContentType::Dlp, what).await;
        assert_eq!(answered.unwrap_err().refusal, Refusal::Unavailable);
        let (headers, body) = hook.take().pop().unwrap();
        let length = headers["content-length"].to_str().unwrap().to_owned();
        assert_eq!(length, body.len().to_string());
        match sent {
            None => assert_eq!(body, ""),
            Some(_) => {
                assert_eq!(headers["content-type"], "application/json");
                let expected = json!({"webhook":
                    {"address": ADDRESS, "authId": AUTH_ID, "expiration": ""}});
                assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
            }
        }
    }
}

/// An endpoint on this machine that keeps what arrives.
struct Hook {
    origin: String,
    shared: Arc<Mutex<(StatusCode, Vec<Arrived>)>>,
}

type Arrived = (HeaderMap, String);

impl Hook {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Mutex::new((StatusCode::OK, Vec::new())));
        let kept = Arc::clone(&shared);
        let arrive = move |headers: HeaderMap, body: String| async move {
            let mut kept = kept.lock().unwrap();
            kept.1.push((headers, body));
            kept.0
        };
        let router = Router::new().fallback(post(arrive));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let origin = format!("http://localhost:{port}");
        Self { origin, shared }
    }

    fn answers(&self, status: u16) {
        self.shared.lock().unwrap().0 = StatusCode::from_u16(status).unwrap();
    }

    fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut self.shared.lock().unwrap().1)
    }
}

#[tokio::test]
async fn the_simulator_validates_the_webhook_of_a_start_and_lists_it() {
    let (world, hook) = (World::start().await, Hook::start().await);
    let (client, who) = (&world.asker.client, world.asker.who());
    let webhook = wanted(&format!("{}/feed/webhook", hook.origin));
    let start = || world.subscribe(ContentType::General, Subscribe::Start(Some(&webhook)));
    let state = async || {
        let listed = client.subscriptions(who).await.unwrap();
        let webhooks = listed.webhooks.iter().map(|(_, one)| one);
        judge(webhooks, Some(&webhook), listed.at)
    };
    hook.answers(403);
    let refused = start().await.unwrap_err();
    assert_eq!(
        (refused.refusal, refused.code),
        (Refusal::WebhookRefused, Some(20_021))
    );
    assert_eq!(state().await, S::Missing);
    hook.answers(200);
    let started = start().await.unwrap();
    assert_eq!(
        judge(&started.webhook, Some(&webhook), started.at),
        S::Enabled
    );
    assert_eq!(state().await, S::Enabled);
    let (headers, _) = hook.take().pop().unwrap();
    assert_eq!(headers["webhook-authid"], AUTH_ID);
    for (kind, expected) in [
        ("webhook_disabled", S::Disabled),
        ("webhook_removed", S::Missing),
    ] {
        world.fault(json!({"kind": kind})).await;
        assert_eq!(state().await, expected);
    }
}
