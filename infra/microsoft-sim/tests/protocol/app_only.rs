//! The client credentials grant: what is accepted, and what the answer is.

use microsoft_sim::Config;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{CLIENT_ID, JWT_BEARER, RESOURCE, SECRET, START, World};

#[tokio::test]
async fn a_v2_answer_has_numbers_and_a_v1_token_with_roles() {
    let world = World::start().await;
    world.grant();
    let tenant = world.tenants[0].tenant_id;

    let (status, body) = world.ask_app_only(tenant).await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 3599);
    assert_eq!(body["ext_expires_in"], 3599);
    for absent in [
        "expires_on",
        "not_before",
        "resource",
        "refresh_in",
        "refresh_token",
        "id_token",
    ] {
        assert!(body.get(absent).is_none(), "{absent}");
    }
    let claims = world.verified(body["access_token"].as_str().unwrap()).await;
    assert_eq!(claims["aud"], RESOURCE);
    assert_eq!(claims["iss"], format!("https://sts.windows.net/{tenant}/"));
    assert_eq!(claims["idp"], claims["iss"]);
    assert_eq!(claims["tid"], json!(tenant));
    assert_eq!(claims["appid"], json!(CLIENT_ID));
    assert_eq!(claims["appidacr"], "2");
    assert_eq!(claims["idtyp"], "app");
    assert_eq!(
        claims["wids"],
        json!(["0997a1d0-0d1d-4acb-b408-d5ca73121e90"])
    );
    assert_eq!(claims["oid"], claims["sub"]);
    assert_eq!(
        claims["roles"],
        json!(["ActivityFeed.Read", "ServiceHealth.Read"])
    );
    assert_eq!(claims["iat"], START - 300);
    assert_eq!(claims["nbf"], START - 300);
    assert_eq!(claims["exp"], START + 3600);
    assert_eq!(claims["ver"], "1.0");
}

#[tokio::test]
async fn a_v1_answer_has_strings_and_a_secret_is_class_1() {
    let world = World::start().await;
    world.grant();
    let path = format!("/{}/oauth2/token", world.tenants[0].tenant_id);
    let client_id = CLIENT_ID.to_string();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id.as_str()),
        ("resource", RESOURCE),
        ("client_secret", SECRET),
        ("client_info", "1"),
    ];

    let response = world.post(&path, &form).await;

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    let text = response.text().await.unwrap();
    assert!((1200..1600).contains(&text.len()), "{} bytes", text.len());
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["expires_in"], "3599");
    assert_eq!(body["expires_on"], (START + 3600).to_string());
    assert_eq!(body["not_before"], (START - 300).to_string());
    assert_eq!(body["resource"], RESOURCE);
    let claims = world.verified(body["access_token"].as_str().unwrap()).await;
    assert_eq!(claims["appidacr"], "1");
}

#[tokio::test]
async fn long_lived_tokens_say_when_to_refresh() {
    let config = Config {
        token_life_seconds: 86_400,
        ..Config::default()
    };
    let world = World::start_with(config).await;
    world.grant();
    let (_, body) = world.ask_app_only(world.tenants[0].tenant_id).await;
    assert_eq!(body["expires_in"], 86_400);
    assert_eq!(body["refresh_in"], 43_200);
}

#[tokio::test]
async fn a_domain_names_its_tenant() {
    let world = World::start().await;
    world.grant();
    let domain = world.tenants[0].admin.split('@').nth(1).unwrap();
    let path = format!("/{domain}/oauth2/v2.0/token");
    let client_id = CLIENT_ID.to_string();
    let assertion = world.assertion(&path).sign();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id.as_str()),
        ("scope", "https://manage.office.com//.default"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &assertion),
    ];
    let response = world.post(&path, &form).await;
    assert_eq!(response.status(), StatusCode::OK);
    let body: Value = response.json().await.unwrap();
    let claims = world.verified(body["access_token"].as_str().unwrap()).await;
    assert_eq!(claims["aud"], "https://manage.office.com/");
    assert_eq!(claims["roles"][0], "ActivityFeed.Read");
}
