//! What a tenant's logs are like, set over the control surface.

use microsoft_sim::Scenario;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::feed::{DAY, Feed};

async fn set(feed: &Feed, scenario: Value) -> (StatusCode, Value) {
    let url = feed.world.url("/_sim/activity/scenario");
    let response = feed
        .world
        .http
        .put(url)
        .json(&scenario)
        .send()
        .await
        .unwrap();
    (response.status(), response.json().await.unwrap())
}

async fn sums(feed: &Feed) -> Value {
    let (_, body) = feed.world.get_json("/_sim/activity/offered").await;
    body["by_tenant"][feed.tenant.to_string()].clone()
}

#[tokio::test]
async fn a_tenant_has_the_scenario_that_was_set_for_it_or_for_all() {
    let other = "00000000-0000-4000-8000-000000000001";
    for (of, named, some) in [
        ("this", "silent", false),
        ("all", "silent", false),
        ("other", "silent", true),
        ("this", "month", true),
        ("all", "default", true),
    ] {
        let feed = Feed::start().await;
        let tenant = match of {
            "this" => json!(feed.tenant),
            "all" => Value::Null,
            _ => json!(other),
        };
        let (status, body) = set(&feed, json!({"tenant": tenant, "named": named})).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        assert_eq!(body["tenant"], tenant);
        feed.subscribe("Audit.General").await;
        feed.world.clock.advance(DAY);
        let blobs = sums(&feed).await["Audit.General"]["blobs"]
            .as_u64()
            .unwrap();
        assert_eq!(blobs > 0, some, "{of} {named}: {blobs}");
    }
}

#[tokio::test]
async fn a_scenario_is_not_changed_under_what_it_has_offered() {
    let feed = Feed::start().await;
    feed.subscribe("Audit.General").await;
    let before = feed.book("blobs", "").await;
    for tenant in [json!(feed.tenant), Value::Null] {
        let (status, body) = set(&feed, json!({"tenant": tenant, "named": "month"})).await;
        assert_eq!(status, StatusCode::CONFLICT, "{body}");
    }
    assert_eq!(feed.book("blobs", "").await, before);
    let other = feed.world.tenants[1].tenant_id;
    let (status, _) = set(&feed, json!({"tenant": other, "seed": 7})).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = set(&feed, json!({"seed": "x"})).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

/// 30 tenants with five types are 150 logs: half a gigabyte at most.
#[tokio::test]
async fn a_month_is_small() {
    let feed = Feed::start_with(Scenario::MONTH).await;
    for content_type in ["Audit.General", "DLP.All"] {
        feed.subscribe(content_type).await;
    }
    feed.world.clock.advance(30 * DAY);
    let sums = sums(&feed).await;
    for content_type in ["Audit.General", "DLP.All"] {
        let bytes = sums[content_type]["bytes"].as_u64().unwrap();
        assert!((2_500_000..4_000_000).contains(&bytes), "{sums}");
    }
}

/// In small: 300 records a blob instead of 4,600. Tenants are drawn by chance, so that the
/// bounds of the sums lie six standard deviations away.
#[tokio::test]
async fn a_backlog_is_there_at_the_first_start() {
    let feed = Feed::start().await;
    let backlog = json!({"named": "backlog", "records_per_blob": 300});
    set(&feed, backlog).await;
    feed.subscribe("Audit.Exchange").await;
    let sums = sums(&feed).await["Audit.Exchange"].clone();
    let sum = |name: &str| sums[name].as_u64().unwrap();
    let (blobs, records) = (sum("blobs"), sum("records"));
    assert!((119..=205).contains(&blobs), "{sums}");
    assert!((200..=400).contains(&(records / blobs)), "{sums}");
    assert!(
        (1_200..=1_400).contains(&(sum("bytes") / records)),
        "{sums}"
    );
}
