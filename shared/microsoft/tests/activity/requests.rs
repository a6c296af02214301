//! What goes out: the request line, the token, the publisher.

use auth::AccessToken;
use feed::ports::{FeedApi as _, ListedFrom, Subscribe};
use feed::refusal::Refusal;
use feed::{ContentType, Window};

use super::server::RawApi;
use super::{Asker, DATE, PUBLISHER, TOKEN, window};
use crate::fake::TENANT;
use crate::fake::raw::http;

/// The first line without the version, and the headers in lower case.
fn parts(head: &str) -> (String, Vec<String>) {
    let mut lines = head.lines();
    let first = lines.next().unwrap().trim_end_matches(" HTTP/1.1");
    let headers = lines.map(str::to_ascii_lowercase);
    (first.to_owned(), headers.collect())
}

#[tokio::test]
async fn every_request_names_tenant_and_publisher_and_carries_the_token_once() {
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    let (client, who) = (&asker.client, asker.who());
    let root = format!("/api/v1.0/{TENANT}/activity/feed");
    let publisher = format!("PublisherIdentifier={PUBLISHER}");
    api.answer(http(200, DATE, b"[]"));
    asker.list().await.unwrap();
    let page = asker.address("subscriptions/content?contenttype=Audit.SharePoint&nextpage=7-0");
    client.list(who, ListedFrom::Page(&page)).await.unwrap();
    // What the API writes of a publisher is not ours.
    let named = asker.address("audit/a$b%24c?publisheridentifier=x&other='1'");
    client.content(who, &named).await.unwrap();
    client
        .content(who, &asker.address("audit/1"))
        .await
        .unwrap();
    client.subscriptions(who).await.unwrap();
    api.answer(http(200, DATE, br#"{"contentType":"DLP.All"}"#));
    let start = Subscribe::Start(None);
    client
        .subscribe(who, ContentType::Dlp, start)
        .await
        .unwrap();
    api.answer(http(200, DATE, b""));
    client
        .subscribe(who, ContentType::Dlp, Subscribe::Stop)
        .await
        .unwrap();

    let expected = [
        format!(
            "GET {root}/subscriptions/content?contentType=Audit.SharePoint&startTime=2026-11-22T09:00:00Z&endTime=2026-11-22T10:00:00Z&{publisher}"
        ),
        format!(
            "GET {root}/subscriptions/content?contenttype=Audit.SharePoint&nextpage=7-0&{publisher}"
        ),
        format!("GET {root}/audit/a$b%24c?other=%271%27&{publisher}"),
        format!("GET {root}/audit/1?{publisher}"),
        format!("GET {root}/subscriptions/list?{publisher}"),
        format!("POST {root}/subscriptions/start?contentType=DLP.All&{publisher}"),
        format!("POST {root}/subscriptions/stop?contentType=DLP.All&{publisher}"),
    ];
    let arrived = api.take_arrived();
    let arrived: Vec<_> = arrived.iter().map(|head| parts(head)).collect();
    let lines: Vec<&String> = arrived.iter().map(|(line, _)| line).collect();
    assert_eq!(lines, expected.iter().collect::<Vec<_>>());
    for (line, headers) in &arrived {
        let of = |name: &str| headers.iter().filter(|one| one.starts_with(name)).count();
        let token = format!("authorization: bearer {}", TOKEN.to_ascii_lowercase());
        assert!(headers.contains(&token), "{line}");
        assert_eq!((of("authorization:"), of("cookie:")), (1, 0), "{line}");
        assert!(
            headers.contains(&"accept-encoding: gzip".to_owned()),
            "{line}"
        );
        // A POST without a body says so (protocol notes §3).
        let says_length = headers.contains(&"content-length: 0".to_owned());
        assert_eq!(says_length, line.starts_with("POST"), "{line}");
    }
}

#[tokio::test]
async fn a_window_of_one_second_keeps_its_seconds() {
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    api.answer(http(200, DATE, b"[]"));
    let start = window().start();
    let end = start + std::time::Duration::from_secs(1);
    let second = Window::new(start, end).unwrap();
    let from = ListedFrom::Window(ContentType::Exchange, second);
    asker.client.list(asker.who(), from).await.unwrap();
    let head = api.take_arrived().remove(0);
    let times = "startTime=2026-11-22T09:00:00Z&endTime=2026-11-22T09:00:01Z&";
    assert!(head.contains(times), "{head}");
}

#[tokio::test]
async fn a_token_that_no_header_can_hold_is_not_sent() {
    let api = RawApi::start().await;
    api.answer(http(200, DATE, b"[]"));
    let mut asker = Asker::of(&api);
    for text in ["a\r\nHost: x", "a\nb", "a\0b", "\u{7f}", "a\rb"] {
        asker.token = AccessToken::new(text.to_owned());
        let refused = asker.list().await.unwrap_err();
        assert_eq!(refused.refusal, Refusal::TokenRefused, "{text:?}");
    }
    assert_eq!(api.take_arrived(), Vec::<String>::new());
}

/// A kept connection that died while the machine was frozen.
#[tokio::test]
async fn a_request_whose_connection_broke_is_sent_once_more_but_a_start_is_not() {
    let api = RawApi::start().await;
    let asker = Asker::of(&api);
    let (client, who) = (&asker.client, asker.who());
    let type_ = ContentType::General;
    let subscription = http(200, DATE, b"{}");
    for (operation, times, answer) in [
        ("list", 2, http(200, DATE, b"[]")),
        ("content", 2, http(200, DATE, b"[]")),
        ("subscriptions", 2, http(200, DATE, b"[]")),
        ("stop", 2, http(200, DATE, b"")),
        ("start", 1, subscription),
    ] {
        api.answer_first(Vec::new());
        api.answer(answer);
        let is_ok = match operation {
            "list" => asker.list().await.is_ok(),
            "content" => asker.fetch().await.is_ok(),
            "subscriptions" => client.subscriptions(who).await.is_ok(),
            "start" => client
                .subscribe(who, type_, Subscribe::Start(None))
                .await
                .is_ok(),
            _ => client.subscribe(who, type_, Subscribe::Stop).await.is_ok(),
        };
        assert_eq!(is_ok, times == 2, "{operation}");
        assert_eq!(api.take_arrived().len(), times, "{operation}");
    }
}
