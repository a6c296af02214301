//! The log of what was really answered.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::addresses::{LIST, TYPE, busy, fetch, first_uri};
use super::content::sha256;
use super::feed::Feed;
use crate::world::{CLIENT_ID, START};

async fn log(feed: &Feed) -> Vec<Value> {
    feed.book("answered", "").await
}

#[tokio::test]
async fn each_whole_body_is_noted_with_the_sum_of_its_bytes() {
    let feed = busy().await;
    let entries: Value = feed.get(LIST).await.json().await.unwrap();
    for entry in entries.as_array().unwrap() {
        let uri = entry["contentUri"].as_str().unwrap();
        let body = fetch(&feed, uri).await.bytes().await.unwrap();
        let log = log(&feed).await;
        let expected = json!({
            "tenant_id": feed.tenant, "client_id": CLIENT_ID, "content_type": TYPE,
            "content_id": entry["contentId"], "bytes": body.len(), "sha256": sha256(&body),
            "answered_at": START + 12 * 3600,
        });
        assert_eq!(log.last(), Some(&expected));
    }
    assert_eq!(log(&feed).await.len(), entries.as_array().unwrap().len());
    for (query, is_there) in [
        (format!("tenant={}", feed.tenant), true),
        (format!("tenant={CLIENT_ID}"), false),
        (format!("contentType={TYPE}"), true),
        ("contentType=DLP.All".to_owned(), false),
        (format!("after={}", START + 12 * 3600 - 1), true),
        (format!("after={}", START + 12 * 3600), false),
        (format!("before={}", START + 12 * 3600 + 1), true),
        (format!("before={}", START + 12 * 3600), false),
    ] {
        let lines = feed.book("answered", &query).await;
        assert_eq!(!lines.is_empty(), is_there, "{query}");
    }
}

/// What a fault makes of an answer, and whether the content was answered whole.
#[tokio::test]
async fn only_a_content_that_is_answered_whole_is_noted() {
    let feed = busy().await;
    let uri = first_uri(&feed).await;
    let plain = fetch(&feed, &uri).await.bytes().await.unwrap();
    for (kind, value, is_whole) in [
        ("gzip", Value::Null, true),
        ("slow", json!(1), true),
        ("latency", json!(1), true),
        ("cut_body", Value::Null, false),
        ("object_body", Value::Null, false),
        ("truncate", Value::Null, false),
        ("truncate", json!(0), false),
        ("truncate", json!(1_000_000), false),
        ("reset", Value::Null, false),
        ("status", json!(200), false),
        ("status", json!(503), false),
        ("not_json", Value::Null, false),
        ("redirect", json!("https://a.example"), false),
        ("af_error", json!("AF50000"), false),
        ("throttle", Value::Null, false),
    ] {
        let before = log(&feed).await.len();
        let fault = json!({"kind": kind, "value": value, "endpoint": "blob", "times": 1});
        feed.world.set_fault(fault).await;
        let url = url::Url::parse(&uri).unwrap();
        let answer = feed.ask(reqwest::Method::GET, url).send().await;
        if let Ok(response) = answer {
            drop(response.bytes().await);
        }
        let log = log(&feed).await;
        assert_eq!(log.len() - before, usize::from(is_whole), "{kind} {value}");
        assert_eq!(
            log[log.len() - 1]["sha256"],
            sha256(&plain),
            "{kind} {value}"
        );
    }
}

/// A blob that is made while it is sent, and a reader that leaves in the middle.
#[tokio::test]
async fn a_huge_blob_is_noted_once_its_last_byte_is_sent() {
    let feed = Feed::start().await;
    feed.fault("huge_blob", json!(8)).await;
    feed.world.clock.advance(1);
    feed.subscribe(TYPE).await;
    let uri = first_uri(&feed).await;
    let mut response = fetch(&feed, &uri).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.chunk().await.unwrap().is_some());
    drop(response);
    assert_eq!(log(&feed).await, Vec::<Value>::new());
    let body = fetch(&feed, &uri).await.bytes().await.unwrap();
    let log = log(&feed).await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["bytes"], body.len());
    assert_eq!(log[0]["sha256"], sha256(&body));
    let book = feed.book("blobs", "").await;
    let blob = book
        .iter()
        .find(|blob| blob["content_id"] == log[0]["content_id"]);
    assert_eq!(blob.unwrap()["sha256"], log[0]["sha256"]);
}
