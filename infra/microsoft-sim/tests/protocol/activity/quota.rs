//! How often a publisher may ask.

use microsoft_sim::Scenario;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::feed::{Feed, PUBLISHER, scenario};

fn three_a_minute() -> Scenario {
    Scenario {
        requests_per_minute: 3,
        ..scenario()
    }
}

#[tokio::test]
async fn one_request_too_many_is_403_in_single_quotes_until_the_next_minute() {
    let feed = Feed::start_with(three_a_minute()).await;
    for _ in 0..3 {
        assert_eq!(
            feed.get("subscriptions/list").await.status(),
            StatusCode::OK
        );
    }
    let throttled = feed.get("subscriptions/list").await;
    assert_eq!(throttled.status(), StatusCode::FORBIDDEN);
    let text = throttled.text().await.unwrap();
    let expected = format!(
        "{{'error':{{'code':'AF429','message':'Too many requests. Method=ListSubscriptions, PublisherId={PUBLISHER}'}}}}"
    );
    assert_eq!(text, expected);
    assert!(serde_json::from_str::<Value>(&text).is_err());
    feed.world.clock.advance(60);
    assert_eq!(
        feed.get("subscriptions/list").await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn without_a_publisher_everyone_shares_one_quota() {
    let feed = Feed::start_with(three_a_minute()).await;
    let mut last = None;
    for publisher in [
        "",
        "?PublisherIdentifier=",
        "?publisherIdentifier=Contoso",
        "?x=1",
    ] {
        let url = feed.url(&format!("subscriptions/list{publisher}"));
        let request = feed.world.http.get(url).bearer_auth(&feed.token);
        last = Some(request.send().await.unwrap());
    }
    let last = last.unwrap();
    assert_eq!(last.status(), StatusCode::FORBIDDEN);
    let text = last.text().await.unwrap();
    assert!(
        text.contains("PublisherId=00000000-0000-0000-0000-000000000000"),
        "{text}"
    );
    assert_eq!(
        feed.get("subscriptions/list").await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_fault_throttle_is_af429_here() {
    let feed = Feed::start().await;
    let fault = json!({"kind": "throttle", "endpoint": "subscriptions", "times": 1});
    feed.world.set_fault(fault).await;
    let throttled = feed.get("subscriptions/list").await;
    assert_eq!(throttled.status(), StatusCode::FORBIDDEN);
    assert!(!throttled.headers().contains_key("retry-after"));
    assert!(throttled.text().await.unwrap().contains("'AF429'"));
    for seconds in [0, 1, 120, 86_400] {
        let fault =
            json!({"kind": "throttle", "endpoint": "content", "value": seconds, "times": 1});
        feed.world.set_fault(fault).await;
        let throttled = feed.get("subscriptions/content").await;
        assert_eq!(throttled.status(), StatusCode::FORBIDDEN);
        assert_eq!(throttled.headers()["retry-after"], seconds.to_string());
    }
    assert_eq!(
        feed.get("subscriptions/list").await.status(),
        StatusCode::OK
    );
}
