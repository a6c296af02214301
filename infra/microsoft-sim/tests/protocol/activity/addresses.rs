//! Addresses that a fault twists: what contentUri and NextPageUri can lead to.

use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::feed::{Feed, next_page};

pub(crate) const TYPE: &str = "Audit.Exchange";
/// The last 24 hours of it.
pub(crate) const LIST: &str = "subscriptions/content?contentType=Audit.Exchange";

/// A tenant with a listing of several pages.
pub(crate) async fn busy() -> Feed {
    let feed = Feed::start().await;
    feed.subscribe(TYPE).await;
    feed.world.clock.advance(12 * 3600);
    feed
}

pub(crate) async fn first_uri(feed: &Feed) -> String {
    let entries: Value = feed.get(LIST).await.json().await.unwrap();
    entries[0]["contentUri"].as_str().unwrap().to_owned()
}

pub(crate) async fn fetch(feed: &Feed, uri: &str) -> reqwest::Response {
    let url = Url::parse(uri).unwrap();
    feed.ask(Method::GET, url).send().await.unwrap()
}

#[tokio::test]
async fn addresses_lead_elsewhere_as_asked() {
    let feed = busy().await;
    let tenant = feed.tenant.to_string();
    let base = feed.world.base_url.clone();
    for (value, says) in [
        ("other_host", "https://collector.example/api/".to_owned()),
        (
            "user_info",
            "https://localhost@collector.example/api/".to_owned(),
        ),
        (
            "other_tenant",
            format!("{base}/api/v1/00000000-0000-4000-8000-000000000001/"),
        ),
        (
            "parent_path",
            format!("{base}/api/v1/{tenant}/../00000000-0000-4000-8000-000000000001/"),
        ),
        (
            "http://127.0.0.1:1",
            format!("http://127.0.0.1:1/api/v1/{tenant}/"),
        ),
        (
            "http://127.0.0.1:1/",
            format!("http://127.0.0.1:1/api/v1/{tenant}/"),
        ),
    ] {
        feed.fault("next_page_uri", json!(value)).await;
        let next = next_page(&feed.get(LIST).await).unwrap();
        assert!(next.starts_with(&says), "{next}");
        feed.fault("content_uri", json!(value)).await;
        let uri = first_uri(&feed).await;
        assert!(uri.starts_with(&says.replace("/v1/", "/v1.0/")), "{uri}");
        assert!(
            first_uri(&feed)
                .await
                .starts_with(&format!("{base}/api/v1.0/{tenant}/"))
        );
    }
    feed.fault("content_uri", json!("unicode_host")).await;
    assert!(
        first_uri(&feed)
            .await
            .starts_with("https://localhost\u{ff0e}collector.example/")
    );
    feed.fault("content_uri", json!("plain_http")).await;
    let (_, path) = base.rsplit_once(':').unwrap();
    let uri = first_uri(&feed).await;
    assert!(
        uri.starts_with("http://localhost/api/v1.0/"),
        "{uri} {path}"
    );
}

#[tokio::test]
async fn content_is_fetched_under_an_id_of_4_kb_as_under_its_own() {
    let feed = busy().await;
    let plain = fetch(&feed, &first_uri(&feed).await)
        .await
        .bytes()
        .await
        .unwrap();
    feed.fault("content_uri", json!("long_id")).await;
    let entries: Value = feed.get(LIST).await.json().await.unwrap();
    let id = entries[0]["contentId"].as_str().unwrap();
    assert_eq!(id.len(), 4096);
    let uri = entries[0]["contentUri"].as_str().unwrap();
    assert!(uri.ends_with(id));
    assert_eq!(fetch(&feed, uri).await.bytes().await.unwrap(), plain);
    for other in [
        uri.replace("$long$", "$lang$"),
        format!("{uri}0"),
        uri[..uri.len() - 1].to_owned(),
    ] {
        let status = fetch(&feed, &other).await.status();
        assert!(status.is_client_error(), "{status}");
    }
}
