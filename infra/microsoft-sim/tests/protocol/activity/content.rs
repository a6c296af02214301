//! Content: the bytes of a blob, as the book says them.

use aws_lc_rs::digest::{SHA256, digest};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use super::feed::{DAY, Feed, refusal};

const TYPE: &str = "Audit.Exchange";

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let sum = digest(&SHA256, bytes);
    sum.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn fetch(feed: &Feed, uri: &str) -> reqwest::Response {
    let url = Url::parse(uri).unwrap();
    feed.ask(Method::GET, url).send().await.unwrap()
}

#[tokio::test]
async fn every_blob_has_the_bytes_and_the_records_of_the_book() {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    feed.world.clock.advance(DAY / 2);
    let (entries, _) = feed.list(TYPE, "").await;
    let (blobs, records) = (feed.book("blobs", "").await, feed.book("records", "").await);
    assert!(blobs.len() > 30, "{}", blobs.len());
    for entry in entries {
        let id = &entry["contentId"];
        let body = fetch(&feed, entry["contentUri"].as_str().unwrap()).await;
        let body = body.bytes().await.unwrap();
        let blob = blobs.iter().find(|blob| blob["content_id"] == *id).unwrap();
        assert_eq!(blob["bytes"], body.len());
        assert_eq!(blob["sha256"], sha256(&body));
        let known = records.iter().filter(|record| record["content_id"] == *id);
        let mut rest = body.strip_prefix(b"[").unwrap();
        for record in known.clone() {
            let length = usize::try_from(record["bytes"].as_u64().unwrap()).unwrap();
            let (bytes, after) = rest.split_at(length);
            assert_eq!(record["sha256"], sha256(bytes));
            rest = after.trim_ascii_start().strip_prefix(b",").unwrap_or(after);
            rest = rest.trim_ascii_start();
        }
        assert_eq!(rest, b"]");
        assert_eq!(blob["records"], known.count());
    }
}

#[tokio::test]
async fn content_that_is_not_offered_is_refused_by_its_code() {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    feed.world.clock.advance(3600);
    let (entries, _) = feed.list(TYPE, "").await;
    let good = entries[0]["contentUri"].as_str().unwrap().to_owned();
    let at = good.rfind('/').unwrap() + 1;
    let (base, id) = good.split_at(at);
    for (id, expected) in [
        ("x".to_owned(), (400, "AF20052")),
        ("x".repeat(4096), (400, "AF20052")),
        (id.replace('$', ""), (400, "AF20052")),
        (id.replace("Audit_Exchange", "Audit_Moon"), (400, "AF20052")),
        (id.replace("2026", "2025"), (404, "AF20050")),
        (id.replace("na0001", "na0007"), (404, "AF20050")),
        (id.replace("xchange", "XCHANGE"), (400, "AF20052")),
        (format!("{id}%24"), (404, "AF20050")),
        (id.replacen('$', "%24", 1), (200, "")),
        ("%00".to_owned(), (400, "AF20052")),
    ] {
        let response = fetch(&feed, &format!("{base}{id}")).await;
        if expected.0 == 200 {
            assert_eq!(response.status(), StatusCode::OK, "{id}");
        } else {
            let (status, code) = refusal(response).await;
            assert_eq!((status, code.as_str()), expected, "{id}");
        }
    }
    feed.world.clock.advance(7 * DAY);
    assert_eq!(refusal(fetch(&feed, &good).await).await.1, "AF20051");
    let stop = format!("subscriptions/stop?contentType={TYPE}");
    feed.post(&stop, "").await;
    assert_eq!(refusal(fetch(&feed, &good).await).await.1, "AF20022");
}

#[tokio::test]
async fn what_a_listing_still_names_can_have_expired() {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    feed.world.clock.advance(7 * DAY);
    let window = "&startTime=2026-01-14T23:00:00&endTime=2026-01-15T23:00:00";
    let (entries, _) = feed.list(TYPE, window).await;
    let mut codes: Vec<Option<String>> = Vec::new();
    for entry in &entries {
        let response = fetch(&feed, entry["contentUri"].as_str().unwrap()).await;
        let refused = response.status() != StatusCode::OK;
        codes.push(if refused {
            Some(refusal(response).await.1)
        } else {
            None
        });
    }
    assert!(codes.contains(&None));
    assert!(codes.contains(&Some("AF20051".to_owned())), "{codes:?}");
    let gone = codes.iter().flatten().filter(|code| *code != "AF20051");
    assert_eq!(gone.count(), 0);
    assert!(entries.iter().all(Value::is_object));
}
