//! Listing: what a window has, page by page.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::feed::{DAY, Feed, PUBLISHER, next_page, refusal};

const TYPE: &str = "Audit.SharePoint";
/// The day after the world's start.
const WINDOW: &str = "&startTime=2026-01-15T00:00:00&endTime=2026-01-16T00:00:00";

fn ids(entries: &[Value], field: &str) -> BTreeSet<String> {
    entries
        .iter()
        .map(|entry| entry[field].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn all_pages_of_a_window_are_the_books_entries_of_that_day() {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    feed.world.clock.advance(DAY);
    let (early, _) = feed.list(TYPE, WINDOW).await;
    feed.world.clock.advance(DAY);
    let (late, empty) = feed.list(TYPE, WINDOW).await;

    let book = feed.book("blobs", "").await;
    let of_day: Vec<Value> = book
        .into_iter()
        .filter(|blob| {
            blob["content_created"]
                .as_str()
                .unwrap()
                .starts_with("2026-01-15")
        })
        .collect();
    assert_eq!(ids(&late, "contentId"), ids(&of_day, "content_id"));
    assert!(late.len() > of_day.len(), "some are named twice");
    assert!(empty > 0, "a page in the middle is empty");
    let missing = ids(&late, "contentId").len() - ids(&early, "contentId").len();
    assert!(missing > 0, "some came late");
    for entry in &late {
        assert_eq!(entry["contentType"], TYPE);
        let uri = Url::parse(entry["contentUri"].as_str().unwrap()).unwrap();
        assert!(uri.path().ends_with(entry["contentId"].as_str().unwrap()));
        assert!(entry["contentExpiration"].as_str() > entry["contentCreated"].as_str());
    }
}

#[tokio::test]
async fn the_next_page_has_the_form_that_was_seen_and_holds_for_its_window_and_an_hour() {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    feed.world.clock.advance(DAY);
    let path = format!("subscriptions/content?contentType={TYPE}{WINDOW}");
    let next = next_page(&feed.get(&path).await).unwrap();
    assert!(next.contains("/api/v1/"), "{next}");
    assert!(!next.contains(PUBLISHER), "{next}");
    let url = Url::parse(&next).unwrap();
    let names: Vec<String> = url
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["contenttype", "starttime", "endtime", "nextpage"]);

    let log = &feed;
    let status = |url: String| async move {
        let url = Url::parse(&url).unwrap();
        log.ask(Method::GET, url).send().await.unwrap()
    };
    assert_eq!(status(next.clone()).await.status(), 200);
    feed.subscribe("Audit.General").await;
    for (from, to) in [
        ("endtime=2026-01-16", "endtime=2026-01-15"),
        ("Audit.SharePoint", "Audit.General"),
        ("nextpage=7-", "nextpage=8-"),
        ("nextpage=7-", "nextpage=99999999999999999999-"),
        ("nextpage=7-0", "nextpage=7-1"),
        ("nextpage=7-", "nextpage=seven-"),
        ("nextpage=", "nextpage=x"),
        ("T00%3A00%3A00&endtime", "T00%3A00%3A01&endtime"),
    ] {
        let other = next.replacen(from, to, 1);
        assert_ne!(other, next, "{from}");
        let code = refusal(status(other).await).await.1;
        let expected = if to == "endtime=2026-01-15" {
            "AF20030"
        } else {
            "AF20031"
        };
        assert_eq!(code, expected, "{from} {to}");
    }
    feed.world.clock.advance(3600);
    assert_eq!(refusal(status(next).await).await.1, "AF20031");
}

#[tokio::test]
async fn windows_are_judged_before_anything_is_listed() {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    for operation in ["content", "notifications"] {
        for (window, expected) in [
            ("&startTime=2026-01-14", "AF20030"),
            ("&startTime=2026-01-13&endTime=2026-01-15", "AF20030"),
            ("&startTime=2026-01-01&endTime=2026-01-02", "AF20055"),
            ("&startTime=now&endTime=2026-01-15", "AF20002"),
        ] {
            let path = format!("subscriptions/{operation}?contentType={TYPE}{window}");
            assert_eq!(
                refusal(feed.get(&path).await).await,
                (400, expected.to_owned())
            );
        }
        let path = format!("subscriptions/{operation}?contentType=DLP.All");
        assert_eq!(refusal(feed.get(&path).await).await.1, "AF20022");
    }
    let path = format!("subscriptions/notifications?contentType={TYPE}");
    assert_eq!(feed.get(&path).await.text().await.unwrap(), "[]");
}
