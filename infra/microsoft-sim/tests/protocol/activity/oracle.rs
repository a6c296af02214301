//! What the book says holds: when a blob can be listed and fetched, and that nothing of it is
//! taken back.

use std::collections::BTreeMap;

use microsoft_sim::{Clock as _, Scenario};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::feed::{DAY, Feed, refusal, scenario};
use crate::world::{CLIENT_ID, START};

const TYPE: &str = "Audit.Exchange";

fn number(blob: &Value, field: &str) -> u64 {
    blob[field].as_u64().unwrap()
}

/// A tenant with a blob in every ten seconds.
async fn quick() -> Feed {
    let scenario = Scenario {
        blob_every_seconds: 10,
        latest_seconds: 0,
        backlog_seconds: 60,
        ..scenario()
    };
    let feed = Feed::start_with(scenario).await;
    feed.subscribe(TYPE).await;
    feed
}

/// contentCreated, cut to seconds.
fn created(blob: &Value) -> u64 {
    let text = blob["content_created"].as_str().unwrap();
    let format = &time::format_description::well_known::Rfc3339;
    let moment = time::OffsetDateTime::parse(text, format).unwrap();
    u64::try_from(moment.unix_timestamp()).unwrap()
}

async fn is_listed(feed: &Feed, blob: &Value) -> Result<bool, String> {
    let response = feed.list_second(TYPE, created(blob)).await;
    if response.status() != StatusCode::OK {
        return Err(refusal(response).await.1);
    }
    let entries: Vec<Value> = response.json().await.unwrap();
    Ok(entries
        .iter()
        .any(|entry| entry["contentId"] == blob["content_id"]))
}

async fn fetched(feed: &Feed, blob: &Value) -> Option<String> {
    let path = format!("audit/{}", blob["content_id"].as_str().unwrap());
    let response = feed.get(&path).await;
    match response.status() {
        StatusCode::OK => None,
        _ => Some(refusal(response).await.1),
    }
}

/// A blob, the moment, and what is to be asked then.
type Question<'a> = (u64, &'a Value, &'static str);

/// Late ones first, then others: a dozen.
fn dozen(book: &[Value]) -> Vec<&Value> {
    let lateness = |blob: &&Value| number(blob, "available_at") - created(blob);
    let mut blobs: Vec<&Value> = book.iter().collect();
    blobs.sort_by_key(|blob| std::cmp::Reverse(lateness(blob)));
    blobs.truncate(12);
    assert!(lateness(&blobs[0]) > 3600 && lateness(&blobs[11]) < 3600);
    blobs
}

#[tokio::test]
async fn a_blob_is_listed_and_fetched_to_the_second_that_the_book_says() {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    feed.world.clock.advance(DAY / 2);
    let book = feed.book("blobs", "").await;
    let mut questions: Vec<Question<'_>> = Vec::new();
    for blob in dozen(&book) {
        let (listable, expires) = (number(blob, "listable_until"), number(blob, "expires_at"));
        questions.extend([
            (listable - 1, blob, "listed"),
            (listable, blob, "too old"),
            (expires - 1, blob, "fetched"),
            (expires, blob, "expired"),
        ]);
    }
    questions.sort_by_key(|(moment, ..)| *moment);
    for (moment, blob, what) in questions {
        feed.wait_until(moment);
        match what {
            "listed" => assert_eq!(is_listed(&feed, blob).await, Ok(true), "{blob}"),
            "too old" => {
                let refused = Err("AF20055".to_owned());
                assert_eq!(is_listed(&feed, blob).await, refused, "{blob}");
            }
            "fetched" => assert_eq!(fetched(&feed, blob).await, None, "{blob}"),
            _ => assert_eq!(fetched(&feed, blob).await.unwrap(), "AF20051", "{blob}"),
        }
    }
}

#[tokio::test]
async fn a_blob_is_listed_from_the_second_that_the_book_says() {
    let feed = quick().await;
    for _ in 0..12 {
        let before = feed.book("blobs", "").await;
        while feed.book("blobs", "").await.len() == before.len() {
            feed.world.clock.advance(1);
        }
        let now = feed.world.clock.unix_seconds();
        let all = feed.book("blobs", &format!("after={}", now - 1)).await;
        assert!(!all.is_empty());
        for blob in all {
            assert_eq!(number(&blob, "available_at"), now);
            assert_eq!(is_listed(&feed, &blob).await, Ok(true), "{blob}");
        }
    }
}

#[tokio::test]
async fn a_backlog_is_offered_since_its_start_to_the_application_that_started() {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    let book = feed.book("blobs", "").await;
    assert!(book.len() > 3);
    for blob in &book {
        assert!(created(blob) < START, "{blob}");
        assert_eq!(number(blob, "available_at"), START, "{blob}");
        assert_eq!(number(blob, "started_at"), START, "{blob}");
        assert_eq!(blob["client_id"], json!(CLIENT_ID), "{blob}");
    }
    let since = format!("after={}", START - 1);
    assert_eq!(feed.book("blobs", &since).await, book);
    assert!(
        feed.book("blobs", &format!("after={START}"))
            .await
            .is_empty()
    );
}

async fn fault(feed: &Feed, kind: &str) -> String {
    let fault = json!({"kind": kind, "tenant": feed.tenant});
    feed.world.set_fault(fault).await
}

async fn end(feed: &Feed, id: &str) {
    let url = feed.world.url(&format!("/_sim/faults/{id}"));
    let response = feed.world.http.delete(url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
}

/// Whatever ends content, in the very second in which it came.
#[tokio::test]
async fn what_was_offered_stays_in_the_book_whatever_ends_it() {
    let act = async |feed: &Feed, what: &str| match what {
        "stop" => drop(
            feed.post(&format!("subscriptions/stop?contentType={TYPE}"), "")
                .await,
        ),
        "auditing_off" => drop(fault(feed, what).await),
        kind => {
            feed.fault(kind, json!(TYPE)).await;
            feed.get("subscriptions/list").await;
        }
    };
    for what in [
        "stop",
        "subscription_vanished",
        "subscription_disabled",
        "auditing_off",
    ] {
        let feed = quick().await;
        for _ in 0..3 {
            let before = feed.book("blobs", "").await.len();
            while feed.book("blobs", "").await.len() == before {
                feed.world.clock.advance(1);
            }
        }
        let offered = feed.book("blobs", "").await;
        act(&feed, what).await;
        let ids = |book: &[Value]| -> Vec<Value> {
            book.iter().map(|blob| blob["content_id"].clone()).collect()
        };
        assert_eq!(ids(&feed.book("blobs", "").await), ids(&offered), "{what}");
        feed.world.clock.advance(DAY);
        assert_eq!(ids(&feed.book("blobs", "").await), ids(&offered), "{what}");
        let limit = |blob: &Value| number(blob, "listable_until");
        let withdrawn = feed
            .book("blobs", "")
            .await
            .iter()
            .all(|blob| limit(blob) == feed.world.clock.unix_seconds() - DAY);
        assert_eq!(
            withdrawn,
            matches!(what, "stop" | "subscription_vanished"),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_restart_lists_and_answers_nothing_of_the_time_before() {
    // What ends it, the wait before the start, whether the old content is there again.
    for (what, wait, again) in [
        ("stop", 900, false),
        ("stop", 7200, false),
        ("subscription_vanished", 0, false),
        ("subscription_vanished", 7200, false),
        ("subscription_disabled", 0, true),
        ("subscription_disabled", 7200, true),
    ] {
        let feed = Feed::start().await;
        feed.subscribe(TYPE).await;
        feed.world.clock.advance(7200);
        let book = feed.book("blobs", "").await;
        if what == "stop" {
            feed.post(&format!("subscriptions/stop?contentType={TYPE}"), "")
                .await;
        } else {
            feed.fault(what, json!(TYPE)).await;
            feed.get("subscriptions/list").await;
        }
        feed.world.clock.advance(wait);
        feed.subscribe(TYPE).await;
        for blob in &book {
            assert_eq!(is_listed(&feed, blob).await, Ok(again), "{what} {blob}");
            let code = (!again).then(|| "AF20050".to_owned());
            assert_eq!(fetched(&feed, blob).await, code, "{what} {blob}");
        }
    }
}

/// By the clock alone: no request comes between the fault's beginning and its end.
#[tokio::test]
async fn auditing_is_off_from_its_fault_to_its_end_without_a_request() {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    let mut silent = Vec::new();
    for (wait, lasts) in [
        (3600, 7200),
        (3600, 1),
        (60, 60),
        (7200, DAY),
        (1, 1),
        (3600, 10_000),
    ] {
        feed.world.clock.advance(wait);
        let from = feed.world.clock.unix_seconds();
        let off = fault(&feed, "auditing_off").await;
        feed.world.clock.advance(lasts);
        end(&feed, &off).await;
        silent.push((from + 1, from + lasts));
    }
    feed.world.clock.advance(DAY);
    let book = feed.book("blobs", "").await;
    let mut by_gap = BTreeMap::<usize, u64>::new();
    for blob in &book {
        let at = number(blob, "available_at");
        assert!(
            !silent.iter().any(|(from, to)| (*from..*to).contains(&at)),
            "{blob}"
        );
        let gap = silent.iter().filter(|(_, to)| at >= *to).count();
        *by_gap.entry(gap).or_default() += 1;
    }
    assert!(
        by_gap[&0] > 0 && by_gap[&1] > 0 && by_gap[&6] > 50,
        "{by_gap:?}"
    );
}

/// Two periods that began at once left a tenant silent for ever.
#[tokio::test]
async fn faults_that_begin_and_end_at_once_leave_auditing_on() {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    for _ in 0..10 {
        let feed = &feed;
        let requests = (0..16).map(|which| async move {
            match which % 4 {
                0 | 1 => drop(fault(feed, "auditing_off").await),
                2 => drop(feed.get("subscriptions/list").await),
                _ => {
                    let all = feed.world.http.delete(feed.world.url("/_sim/faults"));
                    drop(all.send().await.unwrap());
                }
            }
        });
        futures::future::join_all(requests).await;
    }
    let all = feed.world.http.delete(feed.world.url("/_sim/faults"));
    all.send().await.unwrap();
    let now = feed.world.clock.unix_seconds();
    feed.world.clock.advance(DAY);
    let since = feed.book("blobs", &format!("after={now}")).await;
    assert!(since.len() > 100, "{}", since.len());
}
