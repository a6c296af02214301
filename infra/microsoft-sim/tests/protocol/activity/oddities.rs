//! Every fault of the Activity API: what a client meets.

use miniz_oxide::inflate::decompress_to_vec;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::addresses::{LIST, busy, fetch, first_uri};
use super::feed::{Feed, next_page, refusal};

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

#[tokio::test]
async fn a_window_that_is_too_wide_is_answered_in_part() {
    let feed = busy().await;
    let wide = format!("{LIST}&startTime=2026-01-13&endTime=2026-01-16");
    assert_eq!(refusal(feed.get(&wide).await).await.1, "AF20030");
    feed.fault("partial_window", Value::Null).await;
    let response = feed.get(&wide).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.json::<Value>().await.unwrap(), json!([]));
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
    let inner = &packed[10..packed.len() - 8];
    assert_eq!(decompress_to_vec(inner).unwrap(), plain);
}

#[tokio::test]
async fn odd_records_stay_in_their_blob_and_in_the_book() {
    let feed = busy().await;
    let entries: Value = feed.get(LIST).await.json().await.unwrap();
    let mut uris: Vec<&str> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["contentUri"].as_str().unwrap())
        .collect();
    uris.dedup();
    for ((kind, value), uri) in [
        ("odd_record", json!("without_id")),
        ("odd_record", json!("invalid_utf8")),
        ("odd_record", json!("nul")),
        ("odd_record", json!("deep")),
        ("huge_record", json!(1)),
        ("huge_blob", json!(2)),
    ]
    .into_iter()
    .zip(uris)
    {
        let before = fetch(&feed, uri).await.bytes().await.unwrap();
        feed.fault(kind, value.clone()).await;
        let odd = fetch(&feed, uri).await.bytes().await.unwrap();
        assert!(odd.len() > before.len(), "{kind} {value}");
        assert_eq!(
            fetch(&feed, uri).await.bytes().await.unwrap(),
            odd,
            "{kind} {value}"
        );
        let is_json = serde_json::from_slice::<Value>(&odd).is_ok();
        let readable = ["without_id"].map(Value::from).contains(&value) || value.is_number();
        assert_eq!(is_json, readable, "{kind} {value}");
        let id = uri.rsplit('/').next().unwrap();
        let book = feed.book("blobs", "").await;
        let blob = book.iter().find(|blob| blob["content_id"] == id).unwrap();
        assert_eq!(blob["bytes"], odd.len(), "{kind} {value}");
    }
    let records = feed.book("records", "").await;
    assert_eq!(
        records
            .iter()
            .filter(|record| record["id"].is_null())
            .count(),
        1
    );
    assert!(
        records
            .iter()
            .any(|record| record["bytes"].as_u64() > Some(1_000_000))
    );
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
    ] {
        let fault = json!({"kind": kind, "value": value});
        let request = feed.world.http.post(feed.world.url("/_sim/faults"));
        let response = request.json(&fault).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{fault}");
        let text = response.text().await.unwrap();
        assert!(text.contains(says), "{fault}: {text}");
    }
}
