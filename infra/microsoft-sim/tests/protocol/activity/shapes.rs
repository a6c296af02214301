//! Answers that are well and odd: bodies, lists, pages, dates.

use std::io::Read as _;

use flate2::read::GzDecoder;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::addresses::{LIST, TYPE, busy, fetch, first_uri};
use super::feed::{Feed, next_page};
use super::hook::Hook;

#[tokio::test]
async fn the_same_page_comes_again_and_the_header_has_its_older_name() {
    let feed = busy().await;
    let first = next_page(&feed.get(LIST).await).unwrap();
    feed.fault("same_page", Value::Null).await;
    let again = next_page(&fetch(&feed, &first).await).unwrap();
    assert_eq!(again, first);
    feed.fault("next_page_url", Value::Null).await;
    let response = feed.get(LIST).await;
    assert!(next_page(&response).is_none());
    assert!(response.headers().contains_key("NextPageUrl"));
}

/// Every answer with a body, whatever its endpoint.
#[tokio::test]
async fn bodies_of_every_operation_are_shaped() {
    let feed = busy().await;
    let uri = first_uri(&feed).await;
    let start = "subscriptions/start?contentType=Audit.SharePoint";
    for (endpoint, what) in [
        ("subscriptions", "list"),
        ("subscriptions", "start"),
        ("subscriptions", "notifications"),
        ("content", "content"),
        ("blob", "blob"),
    ] {
        for other in ["subscriptions", "content", "blob"] {
            let fault = json!({"kind": "gzip", "endpoint": other, "times": 1});
            let id = feed.world.set_fault(fault).await;
            let response = match what {
                "list" => feed.get("subscriptions/list").await,
                "start" => feed.post(start, "").await,
                "notifications" => {
                    let path = format!("subscriptions/notifications?contentType={TYPE}");
                    feed.get(&path).await
                }
                "content" => feed.get(LIST).await,
                _ => fetch(&feed, &uri).await,
            };
            assert_eq!(response.status(), StatusCode::OK, "{what}");
            let packed = response.headers().contains_key("content-encoding");
            assert_eq!(packed, other == endpoint, "{what} {other}");
            if what == "start" {
                feed.post(&start.replace("start", "stop"), "").await;
                feed.world.clock.advance(3600);
            }
            let end = format!("/_sim/faults/{id}");
            feed.world
                .http
                .delete(feed.world.url(&end))
                .send()
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn lists_are_written_oddly_as_they_were_seen() {
    let feed = Feed::start().await;
    let list = || async {
        feed.get("subscriptions/list")
            .await
            .json::<Value>()
            .await
            .unwrap()
    };
    let hook = Hook::start().await;
    let webhook = json!({"address": hook.address});
    assert_eq!(feed.hook("Audit.SharePoint", webhook).await.0, 200);
    feed.fault("odd_case", Value::Null).await;
    assert_eq!(list().await[0]["contentType"], "Audit.Sharepoint");
    assert_eq!(list().await[0]["contentType"], "Audit.SharePoint");
    feed.fault("without_status", Value::Null).await;
    assert_eq!(list().await[0].get("status"), None);
    assert_eq!(list().await[0]["status"], "enabled");
    assert_eq!(list().await[0]["webhook"]["status"], "enabled");
    feed.fault("webhook_disabled", Value::Null).await;
    assert_eq!(list().await[0]["webhook"]["status"], "disabled");
    assert_eq!(list().await[0]["status"], "enabled");
    feed.fault("webhook_removed", Value::Null).await;
    assert_eq!(list().await[0]["webhook"], Value::Null);
    assert_eq!(list().await[0]["status"], "enabled");
    feed.world.clock.advance(7200);
    feed.fault("odd_case", Value::Null).await;
    let path = "subscriptions/content?contentType=Audit.SharePoint";
    let entries: Value = feed.get(path).await.json().await.unwrap();
    assert_eq!(entries[0]["contentType"], "Audit.Sharepoint");
}

#[tokio::test]
async fn pages_go_on_with_ever_new_names_as_long_as_the_fault_lasts() {
    let feed = busy().await;
    let fault = json!({"kind": "endless_pages", "tenant": feed.tenant, "times": 12});
    feed.world.set_fault(fault).await;
    let (mut next, mut seen) = (next_page(&feed.get(LIST).await), Vec::new());
    let mut empty = 0;
    while let Some(page) = next {
        assert!(!seen.contains(&page), "{page}");
        let response = fetch(&feed, &page).await;
        seen.push(page);
        next = next_page(&response);
        let entries: Value = response.json().await.unwrap();
        empty += usize::from(entries == json!([]));
    }
    assert!(empty >= 12, "{empty}");
}

#[tokio::test]
async fn the_date_is_the_simulated_clocks_and_can_be_wrong() {
    let feed = busy().await;
    let uri = first_uri(&feed).await;
    let date =
        |response: reqwest::Response| response.headers()["date"].to_str().unwrap().to_owned();
    let right = "Thu, 15 Jan 2026 12:00:00 GMT";
    assert_eq!(date(feed.get(LIST).await), right);
    assert_eq!(date(feed.get("audit/x").await), right);
    let keys = feed.world.url("/common/discovery/v2.0/keys");
    assert_eq!(date(feed.world.http.get(keys).send().await.unwrap()), right);
    for (skew, wrong) in [
        (60, "Thu, 15 Jan 2026 12:01:00 GMT"),
        (-3600, "Thu, 15 Jan 2026 11:00:00 GMT"),
        (-86_400 * 15, "Wed, 31 Dec 2025 12:00:00 GMT"),
    ] {
        let fault = json!({"kind": "date_skew", "value": skew, "endpoint": "content", "times": 1});
        feed.world.set_fault(fault).await;
        assert_eq!(date(fetch(&feed, &uri).await), right, "{skew}");
        assert_eq!(date(feed.get(LIST).await), wrong, "{skew}");
        assert_eq!(date(feed.get(LIST).await), right, "{skew}");
    }
}

/// Those that a client meets in a listing, they are for a blob as well.
#[tokio::test]
async fn bodies_are_objects_cut_packed_or_slow() {
    let feed = busy().await;
    let uri = first_uri(&feed).await;
    let plain = fetch(&feed, &uri).await.bytes().await.unwrap();
    let get = |kind: &'static str, value: Value| {
        let (feed, uri) = (&feed, &uri);
        async move {
            feed.fault(kind, value).await;
            let response = fetch(feed, uri).await;
            assert_eq!(response.status(), StatusCode::OK, "{kind}");
            let encoding = response.headers().get("content-encoding").cloned();
            (encoding, response.bytes().await.unwrap())
        }
    };
    let (_, object) = get("object_body", Value::Null).await;
    assert!(
        serde_json::from_slice::<Value>(&object)
            .unwrap()
            .is_object()
    );
    let (_, cut) = get("cut_body", Value::Null).await;
    assert_eq!(cut, plain[..plain.len() / 2]);
    let (_, slow) = get("slow", json!(1)).await;
    assert_eq!(slow, plain);
    let (encoding, packed) = get("gzip", Value::Null).await;
    assert_eq!(encoding.unwrap(), "gzip");
    let mut unpacked = Vec::new();
    GzDecoder::new(&packed[..])
        .read_to_end(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, plain);
}
