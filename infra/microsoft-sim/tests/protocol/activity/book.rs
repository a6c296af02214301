//! The book: sums, lines, and what is never in it.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::feed::{DAY, Feed};

async fn offered(feed: &Feed) -> Value {
    let (status, body) = feed.world.get_json("/_sim/activity/offered").await;
    assert_eq!(status, StatusCode::OK);
    body["by_tenant"][feed.tenant.to_string()].clone()
}

#[tokio::test]
async fn the_sums_are_those_of_the_lines() {
    let feed = Feed::start().await;
    assert_eq!(offered(&feed).await, Value::Null);
    for content_type in ["Audit.General", "DLP.All"] {
        feed.subscribe(content_type).await;
    }
    feed.world.clock.advance(DAY / 4);
    let sums = offered(&feed).await;
    for content_type in ["Audit.General", "DLP.All"] {
        let query = format!("tenant={}&contentType={content_type}", feed.tenant);
        let blobs = feed.book("blobs", &query).await;
        let bytes: u64 = blobs
            .iter()
            .map(|blob| blob["bytes"].as_u64().unwrap())
            .sum();
        let records = feed.book("records", &query).await.len();
        let expected = json!({"blobs": blobs.len(), "records": records, "bytes": bytes});
        assert_eq!(sums[content_type], expected, "{content_type}");
    }
}

#[tokio::test]
async fn nothing_is_offered_of_the_time_of_a_stop_or_without_auditing() {
    let feed = Feed::start().await;
    feed.subscribe("Audit.General").await;
    let start = crate::world::START;
    feed.world.clock.advance(DAY);
    feed.post("subscriptions/stop?contentType=Audit.General", "")
        .await;
    feed.world.clock.advance(DAY);
    feed.subscribe("Audit.General").await;
    feed.world.clock.advance(DAY);
    let off = json!({"kind": "auditing_off", "tenant": feed.tenant});
    feed.world.set_fault(off).await;
    feed.world.clock.advance(DAY);
    assert!(!feed.book("blobs", "").await.is_empty());
    feed.world
        .http
        .delete(feed.world.url("/_sim/faults"))
        .send()
        .await
        .unwrap();
    feed.world.clock.advance(DAY);

    let mut days = [0; 5];
    for blob in feed.book("blobs", "").await {
        let at = blob["available_at"].as_u64().unwrap().saturating_sub(start);
        days[usize::try_from(at / DAY).unwrap()] += 1;
    }

    let silent: Vec<bool> = days.iter().map(|count| *count == 0).collect();
    assert_eq!(silent, [false, true, false, true, false], "{days:?}");
}

#[tokio::test]
async fn repeated_blobs_are_entries_of_their_own_with_the_same_bytes() {
    let feed = Feed::start().await;
    feed.subscribe("Audit.General").await;
    feed.world.clock.advance(6 * DAY);
    let mut ids = BTreeMap::<_, BTreeSet<_>>::new();
    for blob in feed.book("blobs", "").await {
        let field = |name: &str| blob[name].as_str().unwrap().to_owned();
        ids.entry(field("sha256"))
            .or_default()
            .insert(field("content_id"));
    }
    let repeated = ids.values().filter(|ids| ids.len() > 1).count();
    assert!(repeated > 5, "{repeated} of {}", ids.len());
}

#[tokio::test]
async fn the_book_goes_on_where_a_reader_stopped_and_refuses_what_it_does_not_know() {
    let feed = Feed::start().await;
    feed.subscribe("Audit.General").await;
    feed.world.clock.advance(DAY / 4);
    let first = feed.book("blobs", "").await;
    let last = first.last().unwrap()["available_at"].as_u64().unwrap();
    feed.world.clock.advance(DAY / 4);
    let rest = feed.book("blobs", &format!("after={last}")).await;
    let all = feed.book("blobs", "").await;
    assert_eq!(all, [first, rest].concat());
    let early = feed.book("blobs", &format!("before={}", last + 1)).await;
    assert_eq!(early[..], all[..early.len()]);
    assert!(
        feed.book("blobs", &format!("before={last}&after={last}"))
            .await
            .is_empty()
    );
    for query in [
        "tenant=contoso",
        "contentType=x",
        "after=-1",
        "after=x",
        "before=1.5",
    ] {
        for what in ["records", "blobs", "offered", "answered"] {
            let path = format!("/_sim/activity/{what}?{query}");
            let (status, _) = feed.world.get_json(&path).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        }
    }
}

#[tokio::test]
async fn requests_are_counted_by_tenant_and_method() {
    let feed = Feed::start().await;
    feed.subscribe("Audit.General").await;
    feed.get("subscriptions/list").await;
    feed.get("subscriptions/content?contentType=DLP.All").await;
    let (_, counts) = feed.world.get_json("/_sim/activity/requests").await;
    let of_tenant = &counts["by_tenant"][feed.tenant.to_string()];
    let expected =
        json!({"GetAvailableContent": 1, "ListSubscriptions": 1, "StartSubscription": 1});
    assert_eq!(*of_tenant, expected);
    assert_eq!(counts["refused"], json!({"AF20022": 1}));
    assert_eq!(counts["without_publisher"], 0);
}
