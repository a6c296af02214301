//! Which bearer is believed, and for what.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::feed::{Feed, refusal, token};
use crate::world::{CLIENT_ID, JWT_BEARER, World, claims};

/// A token's parts with other claims or another header, signature kept.
fn altered(token: &str, part: usize, change: impl FnOnce(&mut Value)) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let bytes = URL_SAFE_NO_PAD.decode(&parts[part]).unwrap();
    let mut value = serde_json::from_slice(&bytes).unwrap();
    change(&mut value);
    parts[part] = URL_SAFE_NO_PAD.encode(value.to_string());
    parts.join(".")
}

/// An app-only token for another API.
async fn graph_token(world: &World, feed: &Feed) -> String {
    let path = format!("/{}/oauth2/v2.0/token", feed.tenant);
    let assertion = world.assertion(&path).sign();
    let client_id = CLIENT_ID.to_string();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id.as_str()),
        ("scope", "https://graph.microsoft.com/.default"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &assertion),
    ];
    let body: Value = world.post(&path, &form).await.json().await.unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_bearer_that_proves_nothing_is_401_without_an_af_code() {
    let feed = Feed::start().await;
    let good = feed.token.clone();
    let other_signature = token(&feed.world, feed.tenant).await;
    let (signed, _) = good.rsplit_once('.').unwrap();
    let (_, signature) = other_signature.rsplit_once('.').unwrap();
    let rows = [
        ("none", String::new()),
        ("another scheme", format!("Basic {good}")),
        ("no token", "Bearer ".to_owned()),
        ("no scheme", good.clone()),
        ("no JWT", "Bearer abc".to_owned()),
        ("two parts", format!("Bearer {signed}")),
        ("no signature", format!("Bearer {signed}.")),
        (
            "another's signature",
            format!("Bearer {signed}.{signature}"),
        ),
        (
            "claims of one's own",
            format!(
                "Bearer {}",
                altered(&good, 1, |claims| claims["tid"] = json!(CLIENT_ID))
            ),
        ),
        (
            "unsigned",
            format!(
                "Bearer {}",
                altered(&good, 0, |header| header["alg"] = json!("none"))
            ),
        ),
        (
            "another API's",
            format!("Bearer {}", graph_token(&feed.world, &feed).await),
        ),
    ];
    for (what, authorization) in rows {
        let mut request = feed.world.http.get(feed.url("subscriptions/list"));
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{what}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let body: Value = response.json().await.unwrap();
        assert!(body.get("error").is_none(), "{what}: {body}");
    }
    assert_eq!(
        feed.get("subscriptions/list").await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_token_dies_to_the_second() {
    let feed = Feed::start().await;
    let end = claims(&feed.token)["exp"].as_u64().unwrap();
    feed.world.clock.advance(end - crate::world::START - 1);
    assert_eq!(
        feed.get("subscriptions/list").await.status(),
        StatusCode::OK
    );
    feed.world.clock.advance(1);
    let dead = feed.get("subscriptions/list").await;
    assert_eq!(dead.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_path_must_name_the_tokens_tenant_by_its_guid() {
    let feed = Feed::start().await;
    let domain = feed.world.tenants[0].admin.split('@').nth(1).unwrap();
    let other = feed.world.tenants[1].tenant_id.to_string();
    for (tenant, expected) in [
        (domain, "AF20013"),
        ("common", "AF20013"),
        (other.as_str(), "AF20010"),
        ("00000000-0000-0000-0000-000000000000", "AF20010"),
    ] {
        let path = format!("/api/v1.0/{tenant}/activity/feed/subscriptions/list");
        let request = feed.world.http.get(feed.world.url(&path));
        let response = request.bearer_auth(&feed.token).send().await.unwrap();
        assert_eq!(
            refusal(response).await,
            (400, expected.to_owned()),
            "{tenant}"
        );
    }
    let deleted = json!({"kind": "tenant_deleted", "tenant": feed.tenant});
    feed.world.set_fault(deleted).await;
    let response = feed.get("subscriptions/list").await;
    assert_eq!(refusal(response).await, (400, "AF20011".to_owned()));
}

#[tokio::test]
async fn each_type_wants_its_role() {
    let mut feed = Feed::start().await;
    for (removed, content_type, expected) in [
        ("ServiceHealth.Read", "Audit.General", 200),
        ("ActivityFeed.ReadDlp", "Audit.Exchange", 200),
        ("ActivityFeed.ReadDlp", "DLP.All", 401),
        ("ActivityFeed.Read", "Audit.SharePoint", 401),
        ("ActivityFeed.Read", "DLP.All", 401),
        ("ServiceHealth.Read", "DLP.All", 200),
    ] {
        feed.fault("role_removed", json!(removed)).await;
        feed.token = token(&feed.world, feed.tenant).await;
        let path = format!("subscriptions/start?contentType={content_type}");
        let response = feed.post(&path, "").await;
        assert_eq!(
            response.status().as_u16(),
            expected,
            "{removed} {content_type}"
        );
        if expected == 401 {
            assert_eq!(refusal(response).await.1, "AF10001");
        }
    }
    feed.fault("role_removed", Value::Null).await;
    feed.token = token(&feed.world, feed.tenant).await;
    let body: Value = feed.get("subscriptions/list").await.json().await.unwrap();
    let message = body["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("The permission set () sent"),
        "{message}"
    );
}
