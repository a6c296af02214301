//! The client credentials grant: what is accepted, and what the answer is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use entra_sim::Config;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::assertion::{Assertion, identity};
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

/// What shipping SDKs send, each in its own way.
#[tokio::test]
async fn every_sdks_form_of_assertion_is_accepted() {
    type Change = fn(&mut Assertion, &World);
    let forms: [(&str, Change); 11] = [
        ("2016", |assertion, _| {
            drop_field(&mut assertion.header, "typ")
        }),
        ("PS256, x5t#S256", |assertion, _| {
            assertion.header = json!({
                "alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(identity().sha256()),
            });
        }),
        ("padded base64url", |assertion, _| {
            assertion.header["x5t"] = json!(URL_SAFE.encode(identity().sha1()));
        }),
        ("padded standard base64", |assertion, _| {
            assertion.header["x5t"] = json!(STANDARD.encode(identity().sha1()));
        }),
        ("times as strings", |assertion, _| {
            assertion.claims["nbf"] = json!(START.to_string());
            assertion.claims["exp"] = json!((START + 600).to_string());
        }),
        ("fractional times", |assertion, _| {
            assertion.claims["nbf"] = json!(START as f64 + 0.25);
            assertion.claims["exp"] = json!(START as f64 + 600.75);
        }),
        ("no nbf", |assertion, _| {
            drop_field(&mut assertion.claims, "nbf")
        }),
        ("no limit on exp", |assertion, _| {
            assertion.claims["exp"] = json!(START + 86_400)
        }),
        ("x5c as an array", |assertion, _| {
            assertion.header["x5c"] = json!(["MII"])
        }),
        ("x5c as a string", |assertion, _| {
            assertion.header["x5c"] = json!("MII")
        }),
        ("the v1 URL at the v2.0 endpoint", |assertion, world| {
            let tenant = world.tenants[0].tenant_id;
            assertion.claims["aud"] = json!(world.url(&format!("/{tenant}/oauth2/token")));
        }),
    ];
    let world = World::start().await;
    world.grant();
    for (name, change) in forms {
        let (path, mut form) = world.app_only(world.tenants[0].tenant_id);
        let mut assertion = world.assertion(&path);
        change(&mut assertion, &world);
        replace(&mut form, "client_assertion", &assertion.sign());
        let response = world
            .http
            .post(world.url(&path))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{name}");
    }
}

#[tokio::test]
async fn an_assertion_may_be_used_again_and_each_token_is_new() {
    let world = World::start().await;
    world.grant();
    let (path, form) = world.app_only(world.tenants[0].tenant_id);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let response = world
            .http
            .post(world.url(&path))
            .form(&form)
            .send()
            .await
            .unwrap();
        let body: Value = response.json().await.unwrap();
        let claims = world.verified(body["access_token"].as_str().unwrap()).await;
        ids.push(claims["uti"].as_str().unwrap().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
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

fn drop_field(object: &mut Value, name: &str) {
    object.as_object_mut().unwrap().remove(name);
}

fn replace(form: &mut [(String, String)], name: &str, value: &str) {
    for (known, current) in form.iter_mut() {
        if known == name {
            *current = value.to_owned();
        }
    }
}
