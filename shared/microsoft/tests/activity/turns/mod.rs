//! The feed's own use case over the client: what it does with addresses that steal, and with a
//! token that is no longer taken.

mod ports;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use auth::ports::{Clock as _, HeldClock};
use feed::ContentType;
use feed::address::FeedHost;
use feed::collect::{Collector, Report, Turn};
use feed::object_key::Format;
use feed::pace::Pacing;
use ports::{AsItIs, Given, Rows, Store};
use serde_json::json;

use super::server::RawApi;
use super::stealing::stealing;
use super::{Asker, DATE, DATE_UNIX};
use crate::fake::TENANT;
use crate::fake::raw::http;

const RECORD: &str = r#"{"Id":"1"}"#;

/// One turn of a tenant with one subscription; what was stored.
async fn turn(api: &RawApi) -> (Report, String) {
    let clock = Arc::new(HeldClock::at(DATE_UNIX));
    let store = Store::default();
    let collector = Collector {
        queue: None,
        api: Arc::new(Asker::of(api).client),
        ledger: Arc::new(Rows::default()),
        objects: Arc::new(store.clone()),
        tokens: Arc::new(Given(AtomicU32::new(1))),
        encoding: Arc::new(AsItIs),
        clock: clock.clone(),
        pause: Arc::new(AsItIs),
        format: Format::Gzip,
        types: vec![ContentType::Exchange],
        settle: 300,
        pacing: Pacing {
            interval: Duration::from_secs(300),
            lag_max: Duration::from_secs(600),
        },
        before_start: Duration::ZERO,
        webhook: None,
    };
    let turn = Turn {
        tenant: TENANT.parse().unwrap(),
        host: FeedHost::new(&api.base_url).unwrap(),
        leaves: false,
        deadline: clock.since_start() + Duration::from_secs(240),
        dropped_at: clock.since_start() + Duration::from_secs(245),
    };
    let report = collector.turn(&turn, None).await;
    let stored = String::from_utf8(store.0.lock().unwrap().clone()).unwrap();
    (report, stored)
}

/// An API whose listings name this content, and this page after it.
fn listing(api: &RawApi, content_uri: &str, next: Option<&str>) {
    let subscriptions = br#"[{"contentType":"Audit.Exchange","status":"enabled"}]"#;
    api.answer_at("/subscriptions/list?", http(200, DATE, subscriptions));
    let entry = json!([{"contentId": "1", "contentUri": content_uri,
        "contentCreated": "2026-11-22T09:30:00Z"}]);
    let next = next.map(|next| format!("NextPageUri: {next}\r\n"));
    let headers = format!("{DATE}{}", next.unwrap_or_default());
    let page = http(200, &headers, entry.to_string().as_bytes());
    api.answer_at("/subscriptions/content?", page);
    api.answer_at("/audit/", http(200, DATE, format!("[{RECORD}]").as_bytes()));
}

fn own(api: &RawApi) -> String {
    format!("{}/api/v1.0/{TENANT}/activity/feed/audit/1", api.base_url)
}

#[tokio::test]
async fn a_content_arrives_and_one_that_steals_is_never_asked_for() {
    let (api, thief) = (RawApi::start().await, RawApi::start().await);
    listing(&api, &own(&api), None);
    let (report, stored) = turn(&api).await;
    assert_eq!((report.stored, stored), (1, format!("{RECORD}\n")));
    let fetched = |heads: &[String]| heads.iter().filter(|head| head.contains("/audit/")).count();
    assert_eq!(fetched(&api.take_arrived()), 1);

    for (what, address) in stealing(&api, &thief) {
        listing(&api, &address, None);
        let (report, stored) = turn(&api).await;
        assert_eq!((report.stored, stored.as_str()), (0, ""), "{what}");
        if address.contains(['\r', '\n']) || address.is_empty() {
            continue;
        }
        listing(&api, &own(&api), Some(&address));
        let (report, stored) = turn(&api).await;
        // A page that cannot be followed leaves its listing undone.
        assert_eq!((report.windows, stored.as_str()), (0, ""), "{what}");
        let (asked, stolen) = (api.take_arrived(), thief.take_arrived());
        assert_eq!((fetched(&asked), stolen.len()), (0, 0), "{what}");
        let own = format!("/api/v1.0/{TENANT}/activity/feed/subscriptions/");
        let is_own = |head: &String| head.split(' ').nth(1).unwrap().starts_with(&own);
        assert!(asked.iter().all(is_own), "{what}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_replaced_once_wherever_it_is_refused() {
    let api = RawApi::start().await;
    let refused = http(
        401,
        DATE,
        br#"{"Message":"Authorization has been denied."}"#,
    );
    let token = |head: &String| head.split("Bearer ").nth(1).unwrap()[..7].to_owned();
    for part in ["/subscriptions/list?", "/subscriptions/content?", "/audit/"] {
        listing(&api, &own(&api), None);
        api.answer_token(part, "token-1", refused.clone());
        let (report, stored) = turn(&api).await;
        assert_eq!(
            (report.stored, stored),
            (1, format!("{RECORD}\n")),
            "{part}"
        );
        let asked = api.take_arrived();
        let with_first = asked.iter().filter(|head| token(head) == "token-1").count();
        let is_at = |head: &&String| head.lines().next().unwrap().contains(part);
        let at = asked
            .iter()
            .filter(is_at)
            .map(token)
            .take(2)
            .collect::<Vec<_>>();
        assert_eq!(at, ["token-1", "token-2"], "{part}");
        assert!(with_first < asked.len(), "{part}");
        api.forget_answers();
    }
    // A second one that is refused as well is not replaced again in this turn.
    listing(&api, &own(&api), None);
    api.answer_at("/subscriptions/content?", refused);
    let (report, _) = turn(&api).await;
    assert_eq!(report.stored, 0);
    let asked = api.take_arrived();
    assert!(asked.iter().all(|head| token(head) != "token-3"));
}
