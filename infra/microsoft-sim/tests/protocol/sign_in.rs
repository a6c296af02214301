//! Sign-in pages, their answers, and what a code is redeemed for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use microsoft_sim::Config;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::browser::{redemption, v1_request, v2_redemption, v2_request, with};
use crate::world::{CLIENT_ID, REDIRECT_URI, RESOURCE, World, claims, redirected, value};

#[tokio::test]
async fn a_v2_sign_in_proves_the_person_and_grants_no_role() {
    let world = World::start().await;
    let tenant = &world.tenants[0];
    for (account, wids) in [
        (
            &tenant.admin,
            json!([
                "62e90394-69f5-4237-9190-012177145e10",
                "b79fbf4d-3ef9-4689-8143-76b194e85509"
            ]),
        ),
        (
            &tenant.user,
            json!(["b79fbf4d-3ef9-4689-8143-76b194e85509"]),
        ),
    ] {
        let answer = world
            .accept(
                "/organizations/oauth2/v2.0/authorize",
                &v2_request(),
                account,
            )
            .await;
        assert_eq!(value(&answer, "state"), Some("s-1"));
        assert_eq!(value(&answer, "admin_consent"), None);
        let form = v2_redemption(value(&answer, "code").unwrap());
        let (status, body) = world
            .redeem("/organizations/oauth2/v2.0/token", &form)
            .await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body["expires_in"], 3599);
        assert!(body.get("refresh_token").is_none());
        let token = world.verified(body["id_token"].as_str().unwrap()).await;
        assert_eq!(token["aud"], json!(CLIENT_ID));
        assert_eq!(
            token["iss"],
            world.url(&format!("/{}/v2.0", tenant.tenant_id))
        );
        assert_eq!(token["nonce"], "n-1");
        assert_eq!(token["tid"], json!(tenant.tenant_id));
        assert_eq!(token["preferred_username"], json!(account));
        assert_eq!(token["wids"], wids);
    }
    let (status, body) = world.ask_app_only(tenant.tenant_id).await;
    assert_eq!(status, StatusCode::OK);
    let token = claims(body["access_token"].as_str().unwrap());
    assert!(token.get("roles").is_none());
}

#[tokio::test]
async fn the_consent_of_2016_grants_and_names_the_tenant() {
    let world = World::start().await;
    let tenant = &world.tenants[0];
    let answer = world
        .accept("/common/oauth2/authorize", &v1_request(), &tenant.admin)
        .await;
    assert_eq!(value(&answer, "admin_consent"), Some("True"));
    assert_eq!(value(&answer, "state"), Some("s-1"));

    let form = with(
        redemption(value(&answer, "code").unwrap()),
        "resource",
        RESOURCE,
    );
    let (status, body) = world.redeem("/common/oauth2/token", &form).await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["expires_in"], "3599");
    assert_eq!(body["scope"], "ActivityFeed.Read ServiceHealth.Read");
    assert!(body["refresh_token"].is_string());
    let access = world.verified(body["access_token"].as_str().unwrap()).await;
    assert_eq!(access["tid"], json!(tenant.tenant_id));
    assert_eq!(access["scp"], "ActivityFeed.Read ServiceHealth.Read");
    assert_eq!(access["upn"], json!(tenant.admin));
    let id_token = body["id_token"].as_str().unwrap();
    assert!(id_token.ends_with('.'), "the v1 ID token is unsigned");
    assert_eq!(claims(id_token)["tid"], json!(tenant.tenant_id));

    let (_, body) = world.ask_app_only(tenant.tenant_id).await;
    let token = claims(body["access_token"].as_str().unwrap());
    assert_eq!(
        token["roles"],
        json!(["ActivityFeed.Read", "ServiceHealth.Read"])
    );
}

/// Who gets a code on v1, and who has consented by it.
#[tokio::test]
async fn what_an_accept_on_v1_means() {
    const DENIED: Option<&str> = None;
    let rows = [
        ("admin", "", false, Some("consented")),
        ("admin", "", true, Some("")),
        ("admin", "admin_consent", false, Some("consented")),
        ("admin", "admin_consent", true, Some("consented")),
        ("user", "", false, DENIED),
        // The attack: strip prompt=, sign in where others have consented.
        ("user", "", true, Some("")),
        ("user", "admin_consent", true, DENIED),
        ("user", "consent", true, DENIED),
    ];
    for (who, prompt, consented_before, expected) in rows {
        let world = World::start().await;
        if consented_before {
            world.grant();
        }
        let tenant = &world.tenants[0];
        let account = if who == "admin" {
            &tenant.admin
        } else {
            &tenant.user
        };
        let request = with(v1_request(), "prompt", prompt);
        let answer = world
            .accept("/common/oauth2/authorize", &request, account)
            .await;
        let row = format!("{who} {prompt} {consented_before}: {answer:?}");
        match expected {
            Some(consent) => {
                assert!(value(&answer, "code").is_some(), "{row}");
                assert_eq!(
                    value(&answer, "admin_consent").is_some(),
                    consent == "consented",
                    "{row}"
                );
            }
            None => {
                assert_eq!(value(&answer, "error"), Some("access_denied"), "{row}");
                assert_eq!(value(&answer, "error_subcode"), Some("cancel"), "{row}");
                assert_eq!(value(&answer, "state"), Some("s-1"), "{row}");
                assert!(value(&answer, "code").is_none(), "{row}");
            }
        }
    }
}

#[tokio::test]
async fn cancel_comes_back_as_access_denied() {
    let world = World::start().await;
    for (path, request) in [
        ("/common/oauth2/authorize", v1_request()),
        ("/organizations/oauth2/v2.0/authorize", v2_request()),
    ] {
        let answer = redirected(&world.submit(path, &request, "", "cancel").await);
        assert_eq!(value(&answer, "error"), Some("access_denied"));
        assert_eq!(value(&answer, "error_subcode"), Some("cancel"));
        assert_eq!(value(&answer, "state"), Some("s-1"));
    }
}

#[tokio::test]
async fn the_page_lists_people_and_escapes_what_it_was_sent() {
    let world = World::start().await;
    let request = with(v2_request(), "state", "\"><script>alert(1)</script>");
    let page = async |path: &str| world.get(path, &request).await.text().await.unwrap();
    let all = page("/organizations/oauth2/v2.0/authorize").await;
    for tenant in &world.tenants {
        assert!(all.contains(&tenant.admin) && all.contains(&tenant.user));
    }
    assert!(!all.contains("<script>") && all.contains("&lt;script&gt;"));
    assert!(all.contains("Broker &lt;of the tests&gt;"));
    assert!(all.contains("simulation"));

    let one = page(&format!(
        "/{}/oauth2/v2.0/authorize",
        world.tenants[1].tenant_id
    ))
    .await;
    assert!(one.contains(&world.tenants[1].admin) && !one.contains(&world.tenants[0].admin));
    assert_eq!(world.stats().await["authorize"], 2);
}

#[tokio::test]
async fn among_many_tenants_one_types_the_account() {
    let config = Config {
        tenants: 60,
        ..Config::default()
    };
    let world = World::start_with(config).await;
    let path = "/common/oauth2/authorize";
    let page = world.get(path, &v1_request()).await.text().await.unwrap();
    assert!(page.contains("<input name=\"account\"") && !page.contains("type=\"radio\""));
    let answer = world
        .accept(path, &v1_request(), &world.tenants[59].admin)
        .await;
    assert_eq!(value(&answer, "admin_consent"), Some("True"));
}

#[tokio::test]
async fn a_fault_takes_the_id_tokens_signature_away() {
    let world = World::start().await;
    world.set_fault(json!({"kind": "unsigned_id_token"})).await;
    let form = v2_redemption(&world.v2_code().await);
    let (_, body) = world
        .redeem("/organizations/oauth2/v2.0/token", &form)
        .await;
    let token = body["id_token"].as_str().unwrap();
    assert!(token.ends_with('.'));
    let header = URL_SAFE_NO_PAD
        .decode(token.split('.').next().unwrap())
        .unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&header).unwrap()["alg"],
        "none"
    );
    assert_eq!(world.stats().await["code_redemptions"], 1);
}

#[tokio::test]
async fn form_post_and_fragment_carry_the_code_their_own_way() {
    let world = World::start().await;
    let admin = &world.tenants[0].admin;
    let path = "/organizations/oauth2/v2.0/authorize";
    let request = with(v2_request(), "response_mode", "form_post");
    let response = world.submit(path, &request, admin, "accept").await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = response.text().await.unwrap();
    assert!(page.contains(&format!("action=\"{REDIRECT_URI}\"")) && page.contains("name=\"code\""));

    let request = with(v2_request(), "response_mode", "fragment");
    let response = world.submit(path, &request, admin, "accept").await;
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(&format!("{REDIRECT_URI}#code=")));
}
