//! Start, stop and list over HTTP; their states are a table in `subscription.rs`.

use std::sync::Arc;

use microsoft_sim::{Config, Simulator, SystemClock};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::feed::{Feed, refusal};
use super::hook::Hook;

async fn list(feed: &Feed) -> Value {
    feed.get("subscriptions/list").await.json().await.unwrap()
}

#[tokio::test]
async fn what_is_started_is_listed_with_its_webhook_until_it_is_stopped() {
    let feed = Feed::start().await;
    assert_eq!(list(&feed).await, json!([]));
    feed.subscribe("audit.sharepoint").await;
    let hook = Hook::start().await;
    let body = json!({"webhook": {"address": hook.address, "authId": "o365", "expiration": ""}});
    let started = feed
        .post(
            "subscriptions/start?contentType=Audit.General",
            body.to_string(),
        )
        .await;
    let general = json!({"contentType": "Audit.General", "status": "enabled", "webhook": {
        "status": "enabled", "address": hook.address, "authId": "o365", "expiration": null,
    }});
    assert_eq!(started.json::<Value>().await.unwrap(), general);
    let share_point =
        json!({"contentType": "Audit.SharePoint", "status": "enabled", "webhook": null});
    assert_eq!(list(&feed).await, json!([share_point, general]));

    let stop = "subscriptions/stop?contentType=Audit.General";
    let stopped = feed.post(stop, "").await;
    assert_eq!(stopped.status(), StatusCode::OK);
    assert_eq!(stopped.text().await.unwrap(), "");
    assert_eq!(list(&feed).await, json!([share_point]));
}

#[tokio::test]
async fn what_a_start_cannot_take_is_refused_by_its_code() {
    let feed = Feed::start().await;
    feed.subscribe("Audit.General").await;
    for (query, body, expected) in [
        ("", "", "AF20001"),
        ("?contentType=", "", "AF20001"),
        ("?contentType=Audit.Everything", "", "AF20020"),
        ("?contentType=General", "", "AF20020"),
        ("?contentType=Audit.General", "", "AF20024"),
        ("?CONTENTTYPE=AUDIT.GENERAL", "{}", "AF20024"),
        ("?contentType=Audit.Exchange", "{", "AF20002"),
        ("?contentType=Audit.Exchange", r#"{"webhook":7}"#, "AF20002"),
        (
            "?contentType=Audit.Exchange",
            r#"{"webhook":{"address":"http://hook.example"}}"#,
            "AF20021",
        ),
        (
            "?contentType=Audit.Exchange",
            r#"{"webhook":{"address":"https://hook.example","expiration":"2020-01-01T00:00:00"}}"#,
            "AF20003",
        ),
    ] {
        let path = format!("subscriptions/start{query}");
        let refused = refusal(feed.post(&path, body).await).await;
        assert_eq!(refused, (400, expected.to_owned()), "{query} {body}");
    }
}

#[tokio::test]
async fn a_stop_and_a_start_at_once_is_claimed_and_not_done() {
    let feed = Feed::start().await;
    feed.subscribe("Audit.General").await;
    feed.world.clock.advance(60);
    feed.post("subscriptions/stop?contentType=Audit.General", "")
        .await;
    feed.subscribe("Audit.General").await;
    assert_eq!(list(&feed).await, json!([]));
    let content = "subscriptions/content?contentType=Audit.General";
    assert_eq!(refusal(feed.get(content).await).await.1, "AF20023");
    feed.world.clock.advance(15 * 60);
    feed.subscribe("Audit.General").await;
    assert_eq!(feed.get(content).await.status(), StatusCode::OK);
}

/// The reference wants `Content-Length: 0`; reqwest sends none of itself.
#[tokio::test]
async fn a_post_that_does_not_say_its_length_is_411() {
    let feed = Feed::start().await;
    for (operation, length, expected) in [
        ("start", None, 411),
        ("stop", None, 411),
        ("start", Some("0"), 200),
        ("stop", Some("0"), 200),
    ] {
        let path = format!("subscriptions/{operation}?contentType=Audit.General");
        let mut request = feed.ask(reqwest::Method::POST, feed.url(&path));
        if let Some(length) = length {
            request = request.header("content-length", length);
        }
        let status = request.send().await.unwrap().status();
        assert_eq!(status.as_u16(), expected, "{operation} {length:?}");
    }
}

#[tokio::test]
async fn with_auditing_off_a_start_says_that_the_tenant_does_not_exist() {
    let feed = Feed::start().await;
    let fault = json!({"kind": "auditing_off", "tenant": feed.tenant});
    feed.world.set_fault(fault).await;
    let response = feed
        .post("subscriptions/start?contentType=Audit.General", "")
        .await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let body: Value = response.json().await.unwrap();
    let message = body["error"]["message"].as_str().unwrap();
    assert!(
        message.contains(&format!(
            "DataServiceException: Tenant {} does not exist.",
            feed.tenant
        )),
        "{message}"
    );
    let code = body["error"]["code"].as_str().unwrap();
    assert!(code.starts_with("StartSubscription [CorrId="), "{code}");
}

#[tokio::test]
async fn subscriptions_that_vanish_or_are_disabled_come_back_with_a_start() {
    let feed = Feed::start().await;
    feed.subscribe("Audit.General").await;
    feed.subscribe("Audit.Exchange").await;
    let content = "subscriptions/content?contentType=Audit.General";
    for (kind, value, code, left) in [
        (
            "subscription_disabled",
            json!("Audit.General"),
            "AF20023",
            2,
        ),
        (
            "subscription_vanished",
            json!("Audit.General"),
            "AF20022",
            1,
        ),
        ("subscription_vanished", Value::Null, "AF20022", 0),
    ] {
        feed.world.clock.advance(3600);
        feed.fault(kind, value).await;
        assert_eq!(refusal(feed.get(content).await).await.1, code, "{kind}");
        assert_eq!(list(&feed).await.as_array().unwrap().len(), left, "{kind}");
        feed.subscribe("Audit.General").await;
        assert_eq!(feed.get(content).await.status(), StatusCode::OK, "{kind}");
    }
}

#[tokio::test]
async fn friendly_names_are_for_one_language() {
    let feed = Feed::start().await;
    for (languages, expected) in [
        ("", "fine"),
        ("en", "fine"),
        ("de-DE", "fine"),
        ("de-DE;q=0.9", "fine"),
        ("de-DE, en", "AF20053"),
        ("de,en;q=0.1", "AF20053"),
        ("de_DE", "AF20054"),
        ("*", "AF20054"),
        ("toolonglanguage", "AF20054"),
        ("-", "AF20054"),
    ] {
        let url = feed.url("resources/dlpSensitiveTypes");
        let mut request = feed.ask(reqwest::Method::GET, url);
        if !languages.is_empty() {
            request = request.header("accept-language", languages);
        }
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        let code = body["error"]["code"].as_str().unwrap_or("fine");
        assert_eq!(code, expected, "{languages}");
        assert_eq!(body.is_array(), expected == "fine", "{languages}");
    }
}

/// The file is read by the next process, and a damaged one is left untouched.
#[test]
fn subscriptions_are_kept_in_the_data_directory_and_a_damaged_file_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("activity.json");
    let open = || {
        let config = Config {
            data_dir: Some(directory.path().to_owned()),
            ..Config::default()
        };
        Simulator::open(config, Arc::new(SystemClock))
    };
    let kept = r#"{"subscriptions":[[{"tenant":"00000000-0000-4000-8000-000000000001",
        "client":"00000000-0000-4000-8000-000000000002","content_type":"DLP.All"},
        {"status":"enabled","webhook":null,"started_at":1,"enabled":[{"from":1,"to":null}]}]],
        "auditing_off":{},"altered":{"a":"without_id","b":{"huge_blob":100}}}"#;
    std::fs::write(&path, kept).unwrap();
    assert!(open().is_ok());
    std::fs::write(&path, "{").unwrap();
    let error = open().err().unwrap().to_string();
    assert!(error.contains("activity.json"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{");
}
