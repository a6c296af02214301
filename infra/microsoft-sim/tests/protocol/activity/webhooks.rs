//! Webhooks: their validation within a start, and notifications by the moved clock.

use std::collections::BTreeSet;

use microsoft_sim::{Clock as _, Scenario};
use serde_json::{Value, json};

use super::feed::{Feed, scenario, text};
use super::hook::Hook;

const TYPE: &str = "Audit.General";
const LIST: &str = "subscriptions/list";
const MINUTE: u64 = 60;

/// A subscription with a webhook, whose backlog has been notified.
async fn hooked(scenario: Scenario) -> (Feed, Hook) {
    let (feed, hook) = (Feed::start_with(scenario).await, Hook::start().await);
    assert_eq!(feed.hook(TYPE, webhook(&hook)).await.0, 200);
    feed.world.clock.advance(MINUTE);
    feed.notify().await;
    hook.take();
    (feed, hook)
}

fn webhook(hook: &Hook) -> Value {
    json!({"address": hook.address, "authId": "o365", "expiration": ""})
}

/// What the list says of the webhook: null, or its status.
async fn status(feed: &Feed) -> Value {
    let listed: Value = feed.get(LIST).await.json().await.unwrap();
    assert_eq!(listed[0]["status"], "enabled");
    match &listed[0]["webhook"] {
        Value::Null => Value::Null,
        webhook => webhook["status"].clone(),
    }
}

#[tokio::test]
async fn a_start_posts_a_code_to_its_webhook_and_wants_200() {
    let (feed, hook) = (Feed::start().await, Hook::start().await);
    for answer in [201, 202, 204, 301, 302, 307, 400, 401, 404, 429, 500, 503] {
        hook.answers(answer);
        let refused = feed.hook(TYPE, webhook(&hook)).await;
        assert_eq!(refused, (400, "AF20021".to_owned()), "{answer}");
        assert_eq!(hook.take().len(), 1, "{answer}");
        let listed: Value = feed.get(LIST).await.json().await.unwrap();
        assert_eq!(listed, json!([]), "{answer}");
    }
    let nowhere = json!({"address": "http://127.0.0.1:1/"});
    assert_eq!(feed.hook(TYPE, nowhere).await.1, "AF20021");
    feed.fault("webhook_unreachable", Value::Null).await;
    assert_eq!(feed.hook(TYPE, webhook(&hook)).await.1, "AF20021");
    assert_eq!(hook.take().len(), 0);

    // What was refused is no start: 15 minutes count from the one that is taken.
    hook.answers(200);
    assert_eq!(feed.hook(TYPE, webhook(&hook)).await.0, 200);
    assert_eq!(status(&feed).await, "enabled");
    let [arrived] = hook.take().try_into().unwrap();
    let code = arrived.header("webhook-validationcode").unwrap();
    assert_eq!(arrived.body, json!({"validationCode": code}));
    assert!(code.len() > 20);
    assert_eq!(arrived.header("webhook-authid"), Some("o365"));
    let content_type = arrived.header("content-type");
    assert_eq!(content_type, Some("application/json; charset=utf-8"));
}

#[tokio::test]
async fn a_webhook_that_is_not_validated_leaves_the_one_that_is_there() {
    let (feed, hook) = hooked(scenario()).await;
    let unchanged = feed.hook(TYPE, webhook(&hook)).await;
    assert_eq!(unchanged.1, "AF20024");
    assert_eq!(hook.take().len(), 0);
    feed.world.clock.advance(3600);
    let other = Hook::start().await;
    other.answers(500);
    assert_eq!(feed.hook(TYPE, webhook(&other)).await.1, "AF20021");
    let listed: Value = feed.get(LIST).await.json().await.unwrap();
    assert_eq!(listed[0]["webhook"]["address"], hook.address.as_str());
    other.answers(200);
    assert_eq!(feed.hook(TYPE, webhook(&other)).await.0, 200);
    feed.notify().await;
    assert_eq!(hook.take_ids(), Vec::<String>::new());
}

#[tokio::test]
async fn every_content_is_named_once_as_it_is_listed_once_it_is_available() {
    let (feed, hook) = (Feed::start().await, Hook::start().await);
    assert_eq!(feed.hook(TYPE, webhook(&hook)).await.0, 200);
    hook.take();
    let (mut named, mut content_types) = (Vec::new(), BTreeSet::new());
    for _ in 0..24 * 12 {
        feed.world.clock.advance(5 * MINUTE);
        let (_, failed, _) = feed.notify().await;
        assert_eq!(failed, 0);
        for arrived in hook.take() {
            assert_eq!(arrived.header("webhook-authid"), Some("o365"));
            content_types.insert(arrived.header("content-type").unwrap().to_owned());
            named.extend(arrived.body.as_array().unwrap().clone());
        }
    }
    feed.world.clock.advance(30);
    feed.notify().await;
    for arrived in hook.take() {
        named.extend(arrived.body.as_array().unwrap().clone());
    }
    let now = feed.world.clock.unix_seconds();
    let book = feed.book("blobs", &format!("contentType={TYPE}")).await;
    assert!(book.len() > 100, "{}", book.len());
    let id = |content: &Value, name: &str| content[name].as_str().unwrap().to_owned();
    let mut ids: Vec<_> = named.iter().map(|one| id(one, "contentId")).collect();
    let mut offered: Vec<_> = book.iter().map(|one| id(one, "content_id")).collect();
    ids.sort();
    offered.sort();
    assert_eq!(ids, offered);
    let expected = [
        "application/json",
        "application/json; charset=utf-8",
        "application/json; utf-8",
    ];
    assert!(
        content_types.iter().eq(expected.iter()),
        "{content_types:?}"
    );
    // A notification has the listing's properties and two more.
    let window = format!("&startTime={}&endTime={}", text(now - 86_400), text(now));
    let (listed, _) = feed.list(TYPE, &window).await;
    let client = crate::world::CLIENT_ID;
    for mut content in listed {
        content["tenantId"] = json!(feed.tenant);
        content["clientId"] = json!(client);
        assert!(named.contains(&content), "{content}");
    }
}

#[tokio::test]
async fn what_is_not_answered_with_200_is_sent_again_and_then_the_webhook_is_disabled() {
    let (feed, hook) = hooked(scenario()).await;
    hook.answers(204);
    feed.world.clock.advance(3600);
    let (sent, failed, waiting) = feed.notify().await;
    assert!(
        sent == 0 && failed > 0 && waiting > 0,
        "{sent} {failed} {waiting}"
    );
    let first: BTreeSet<_> = hook.take_ids().into_iter().collect();
    // The second attempt is a minute later.
    feed.world.clock.advance(MINUTE);
    feed.notify().await;
    assert!(first.is_subset(&hook.take_ids().into_iter().collect()));
    let mut minutes = 0;
    while status(&feed).await == "enabled" {
        feed.world.clock.advance(MINUTE);
        minutes += 1;
        feed.notify().await;
    }
    assert_eq!((status(&feed).await, minutes), (json!("disabled"), 62));
    hook.take();
    feed.world.clock.advance(3600);
    assert_eq!(feed.notify().await, (0, 0, 0));
    let listing = format!("subscriptions/content?contentType={TYPE}");
    assert_eq!(feed.get(&listing).await.status().as_u16(), 200);
    // Each attempt is in the list, in another order than they were made.
    let path = format!("subscriptions/notifications?contentType={TYPE}");
    let attempts: Vec<Value> = feed.get(&path).await.json().await.unwrap();
    let of_one = |id: &String| {
        let of_one = attempts
            .iter()
            .filter(|one| one["contentId"] == id.as_str());
        of_one
            .filter(|one| one["notificationStatus"] == "failed")
            .count()
    };
    // Others of the same minute may have been dropped before their last.
    let counts: BTreeSet<_> = first.iter().map(of_one).collect();
    assert!(
        counts.contains(&7) && counts.iter().all(|count| *count >= 6),
        "{counts:?}"
    );
    let times = attempts
        .iter()
        .map(|one| one["notificationSent"].as_str().unwrap());
    assert!(!times.is_sorted());
    // A start enables it; what came meanwhile is not notified.
    hook.answers(200);
    assert_eq!(feed.hook(TYPE, webhook(&hook)).await.0, 200);
    assert_eq!(status(&feed).await, "enabled");
    hook.take();
    assert_eq!(feed.notify().await.0, 0);
    feed.world.clock.advance(3600);
    assert!(feed.notify().await.0 > 0);
}

#[tokio::test]
async fn a_webhook_expires_by_the_clock_and_a_later_end_is_taken() {
    let (feed, hook) = (Feed::start().await, Hook::start().await);
    let until = |seconds| {
        let end = text(feed.world.clock.unix_seconds() + seconds);
        json!({"address": hook.address, "expiration": end})
    };
    assert_eq!(feed.hook(TYPE, until(1800)).await.0, 200);
    feed.world.clock.advance(1799);
    assert_eq!(status(&feed).await, "enabled");
    assert!(feed.notify().await.0 > 0);
    feed.world.clock.advance(1);
    assert_eq!(status(&feed).await, "expired");
    feed.world.clock.advance(3600);
    assert_eq!(feed.notify().await, (0, 0, 0));
    assert_eq!(feed.hook(TYPE, until(7200)).await.0, 200);
    assert_eq!(status(&feed).await, "enabled");
    feed.world.clock.advance(3600);
    assert!(feed.notify().await.0 > 0);
}

#[tokio::test]
async fn notifications_come_late_twice_never_or_in_another_order() {
    /// A fault, and how often its contents are named when it is over, a day and a week later.
    type Row = (&'static str, Value, [usize; 3]);
    let rows: [Row; 7] = [
        ("notify_late", json!(12 * 3600), [0, 1, 0]),
        ("notify_late", json!(7 * 86_400), [0, 0, 1]),
        ("notify_twice", Value::Null, [2, 0, 0]),
        ("notify_twice", json!(7 * 86_400), [1, 0, 1]),
        ("notify_never", Value::Null, [0, 0, 0]),
        ("notify_reordered", Value::Null, [1, 0, 0]),
        ("webhook_unreachable", Value::Null, [0, 1, 0]),
    ];
    for (kind, value, times) in rows {
        let (feed, hook) = hooked(scenario()).await;
        let before = feed.world.clock.unix_seconds();
        let fault = json!({"kind": kind, "value": value, "tenant": feed.tenant});
        let id = feed.world.set_fault(fault).await;
        feed.world.clock.advance(2 * 3600);
        feed.notify().await;
        feed.world.clock.advance(30);
        feed.notify().await;
        let end = feed.world.url(&format!("/_sim/faults/{id}"));
        feed.world.http.delete(end).send().await.unwrap();
        let query = format!("contentType={TYPE}&after={before}");
        let book = feed.book("blobs", &query).await;
        let mut found = vec![hook.take_ids()];
        for day in 1..=8 {
            feed.world.clock.advance(86_400);
            feed.notify().await;
            if day == 1 || day == 8 {
                found.push(hook.take_ids());
            }
        }
        assert!(book.len() > 5, "{}", book.len());
        for blob in &book {
            let id = blob["content_id"].as_str().unwrap();
            let count = |ids: &Vec<String>| ids.iter().filter(|one| *one == id).count();
            let counts: Vec<_> = found.iter().map(count).collect();
            assert_eq!(counts, times, "{kind} {value} {id}");
        }
        if kind == "notify_reordered" {
            let offered = book.iter().map(|blob| blob["content_id"].as_str().unwrap());
            assert!(!found[0].iter().map(String::as_str).eq(offered));
        }
    }
}
