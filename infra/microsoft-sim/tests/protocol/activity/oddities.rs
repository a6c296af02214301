//! Faults of the Activity API: refusals, altered blobs, and which faults are taken. Odd answers
//! are in `shapes.rs`.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::addresses::{LIST, TYPE, busy, fetch, first_uri};
use super::feed::{Feed, refusal};

#[tokio::test]
async fn an_endpoint_answers_the_error_that_is_asked_for() {
    let feed = busy().await;
    let uri = first_uri(&feed).await;
    for (endpoint, code, status) in [
        ("content", "AF20012", 400),
        ("content", "AF20031", 400),
        ("content", "AF50000", 500),
        ("content", "AF20023", 400),
        ("blob", "AF20050", 404),
        ("blob", "AF20051", 400),
        ("blob", "AF50005", 500),
        ("blob", "AF50006", 500),
        ("subscriptions", "AF10001", 401),
        ("subscriptions", "AF20010", 400),
    ] {
        let fault = json!({"kind": "af_error", "endpoint": endpoint, "value": code, "times": 1});
        feed.world.set_fault(fault).await;
        let ask = || async {
            match endpoint {
                "content" => feed.get(LIST).await,
                "blob" => fetch(&feed, &uri).await,
                _ => feed.get("subscriptions/list").await,
            }
        };
        assert_eq!(
            refusal(ask().await).await,
            (status, code.to_owned()),
            "{endpoint}"
        );
        assert_eq!(ask().await.status(), StatusCode::OK, "{endpoint}");
    }
}

#[tokio::test]
async fn an_endpoint_redirects_fails_or_is_a_page_of_a_proxy() {
    let feed = busy().await;
    let uri = first_uri(&feed).await;
    for (kind, value, status) in [
        ("redirect", json!("https://collector.example/x"), 302),
        ("status", json!(503), 503),
        ("status", json!(401), 401),
        ("not_json", json!(200), 200),
    ] {
        let fault = json!({"kind": kind, "endpoint": "blob", "value": value, "times": 1});
        feed.world.set_fault(fault).await;
        let response = fetch(&feed, &uri).await;
        assert_eq!(response.status().as_u16(), status, "{kind}");
        if kind == "redirect" {
            assert_eq!(
                response.headers()["location"],
                "https://collector.example/x"
            );
        } else if kind == "not_json" {
            assert!(response.text().await.unwrap().starts_with("<html>"));
        }
    }
    let fault = json!({"kind": "truncate", "endpoint": "blob", "times": 1});
    feed.world.set_fault(fault).await;
    assert!(fetch(&feed, &uri).await.bytes().await.is_err());
}

#[tokio::test]
async fn a_fault_where_it_does_nothing_is_refused() {
    let feed = Feed::start().await;
    let any = "token, discovery, jwks, authorize, subscriptions, content, blob";
    let api = "subscriptions, content, blob";
    for (kind, value, endpoint, says) in [
        ("af_error", json!("AF50000"), Value::Null, api),
        ("af_error", json!("AF50000"), json!("token"), api),
        ("redirect", json!("https://a.example"), Value::Null, any),
        ("date_skew", json!(60), Value::Null, any),
        ("status", json!(503), json!("moon"), any),
        ("same_page", Value::Null, json!("token"), "one of content"),
        ("same_page", Value::Null, json!("blob"), "one of content"),
        (
            "content_uri",
            json!("long_id"),
            json!("blob"),
            "one of content",
        ),
        ("huge_blob", json!(1), json!("content"), "one of blob"),
        (
            "without_status",
            Value::Null,
            json!("content"),
            "one of subscriptions",
        ),
        ("cut_body", Value::Null, json!("jwks"), api),
        ("gzip", Value::Null, json!("token"), api),
        (
            "auditing_off",
            Value::Null,
            json!("content"),
            "one of token",
        ),
        ("token_life", json!(60), json!("blob"), "one of token"),
    ] {
        let fault = json!({"kind": kind, "value": value, "endpoint": endpoint});
        let request = feed.world.http.post(feed.world.url("/_sim/faults"));
        let response = request.json(&fault).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{fault}");
        let text = response.text().await.unwrap();
        assert!(text.contains(says), "{fault}: {text}");
    }
}

/// Each is set with `times: 1`, and hits what it is for after requests that it is not for.
#[tokio::test]
async fn a_fault_is_not_used_up_by_a_request_that_it_does_nothing_to() {
    let feed = busy().await;
    let none = format!("{LIST}&startTime=2026-01-14T00:00:00&endTime=2026-01-14T00:00:01");
    for (kind, value) in [
        ("partial_window", Value::Null),
        ("content_uri", json!("plain_http")),
        ("next_page_uri", json!("plain_http")),
        ("next_page_url", Value::Null),
        ("same_page", Value::Null),
        ("odd_case", Value::Null),
        ("subscription_vanished", json!("DLP.All")),
        ("subscription_disabled", json!("Audit.General")),
        ("webhook_removed", Value::Null),
        ("webhook_disabled", Value::Null),
        ("webhook_unreachable", Value::Null),
        ("notify_never", Value::Null),
        ("huge_blob", json!(1)),
    ] {
        feed.fault(kind, value).await;
        assert_eq!(feed.get(&none).await.text().await.unwrap(), "[]", "{kind}");
        let (_, left) = feed.world.get_json("/_sim/faults").await;
        assert_eq!(left["faults"][0]["times"], 1, "{kind}");
        let all = feed.world.http.delete(feed.world.url("/_sim/faults"));
        all.send().await.unwrap();
    }
}

#[tokio::test]
async fn a_window_that_is_too_wide_is_answered_in_part() {
    let feed = busy().await;
    let wide = format!("{LIST}&startTime=2026-01-13&endTime=2026-01-16");
    assert_eq!(refusal(feed.get(&wide).await).await.1, "AF20030");
    feed.fault("partial_window", Value::Null).await;
    assert_eq!(feed.get(LIST).await.status(), StatusCode::OK);
    let response = feed.get(&wide).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.json::<Value>().await.unwrap(), json!([]));
}

/// Values of faults that alter a blob, and whether its body stays JSON.
fn alterations() -> [(&'static str, Value, bool); 6] {
    [
        ("odd_record", json!("without_id"), true),
        ("odd_record", json!("invalid_utf8"), false),
        ("odd_record", json!("nul"), false),
        ("odd_record", json!("deep"), false),
        ("huge_record", json!(1), true),
        ("huge_blob", json!(2), true),
    ]
}

/// The newest blob that the book has, with its bytes as they are answered.
async fn newest(feed: &Feed) -> (Value, Vec<u8>) {
    let book = feed.book("blobs", "").await;
    let newest = book.last().unwrap().clone();
    let path = format!("audit/{}", newest["content_id"].as_str().unwrap());
    let body = feed.get(&path).await.bytes().await.unwrap();
    (newest, body.to_vec())
}

async fn wait_for_content(feed: &Feed) {
    let before = feed.book("blobs", "").await.len();
    while feed.book("blobs", "").await.len() == before {
        feed.world.clock.advance(60);
    }
}

#[tokio::test]
async fn odd_records_are_in_a_blob_from_its_first_second_and_in_the_book() {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    wait_for_content(&feed).await;
    for (kind, value, is_readable) in alterations() {
        let (_, plain) = newest(&feed).await;
        feed.fault(kind, value.clone()).await;
        assert_eq!(
            newest(&feed).await.1,
            plain,
            "{kind} {value}: seen before the fault"
        );
        wait_for_content(&feed).await;
        let (blob, odd) = newest(&feed).await;
        let is_json = serde_json::from_slice::<Value>(&odd).is_ok();
        assert_eq!(is_json, is_readable, "{kind} {value}");
        assert_eq!(blob["bytes"], odd.len(), "{kind} {value}");
        assert_eq!(newest(&feed).await, (blob, odd), "{kind} {value}");
    }
    let records = feed.book("records", "").await;
    let nameless = records.iter().filter(|record| record["id"].is_null());
    assert_eq!(nameless.count(), 1);
    let is_huge = |record: &Value| record["bytes"].as_u64() > Some(1_000_000);
    assert!(records.iter().any(is_huge));
}

/// A backlog is offered since the start, so a fault before it hits.
#[tokio::test]
async fn a_backlog_has_one_huge_blob_for_every_first_look() {
    for first in ["fetch", "blobs", "offered"] {
        let feed = Feed::start().await;
        feed.fault("huge_blob", json!(3)).await;
        feed.world.clock.advance(1);
        feed.subscribe(TYPE).await;
        if first == "offered" {
            feed.world.get_json("/_sim/activity/offered").await;
        } else if first == "fetch" {
            fetch(&feed, &first_uri(&feed).await)
                .await
                .bytes()
                .await
                .unwrap();
        }
        let book = feed.book("blobs", "").await;
        let is_huge = |blob: &&Value| blob["bytes"].as_u64() > Some(3_000_000);
        assert_eq!(book.iter().filter(is_huge).count(), 1, "{first}");
        assert!(book.len() > 1);
        assert_eq!(feed.book("blobs", "").await, book, "{first}");
    }
}

#[tokio::test]
async fn faults_of_the_api_that_are_not_understood_are_refused() {
    let feed = Feed::start().await;
    for (kind, value, says) in [
        ("af_error", json!("AF1"), "AF50000"),
        ("af_error", Value::Null, "AF50000"),
        ("content_uri", json!("moon"), "other_host"),
        ("content_uri", Value::Null, "an address"),
        ("next_page_uri", json!(7), "an address"),
        ("redirect", json!("/x"), "an address"),
        ("odd_record", json!("even"), "invalid_utf8"),
        ("huge_blob", json!(0), "from 1 to 1000"),
        ("huge_record", json!(1001), "from 1 to 1000"),
        ("slow", json!(-1), "from 0"),
        ("auditing_off", json!(true), "null"),
        ("same_page", json!(1), "null"),
        ("subscription_vanished", json!("General"), "Audit.General"),
        ("webhook_removed", json!("General"), "Audit.General"),
        ("webhook_disabled", json!("General"), "Audit.General"),
        ("webhook_unreachable", json!(1), "null"),
        ("notify_late", Value::Null, "a number"),
        ("notify_twice", json!(-1), "from 0"),
        ("notify_never", json!(true), "null"),
        ("notify_reordered", json!(0), "null"),
        ("odd_case", json!(1), "null"),
        ("without_status", json!(true), "null"),
        ("endless_pages", json!(3), "null"),
        ("date_skew", Value::Null, "a number"),
    ] {
        let fault = json!({"kind": kind, "value": value});
        let request = feed.world.http.post(feed.world.url("/_sim/faults"));
        let response = request.json(&fault).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{fault}");
        let text = response.text().await.unwrap();
        assert!(text.contains(says), "{fault}: {text}");
    }
}
