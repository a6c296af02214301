//! Refusals of the authorize endpoints and of code redemption, in tables.

use reqwest::StatusCode;
use serde_json::json;

use crate::browser::{v1_request, v2_redemption, v2_request, with};
use crate::world::{CLIENT_ID, REDIRECT_URI, RESOURCE, World, redirected, value};

/// One change to a good request; refused on a page or at the redirect URI.
#[tokio::test]
async fn the_table_of_authorize_refusals() {
    let world = World::start().await;
    let v1 = "/common/oauth2/authorize";
    let v2 = "/organizations/oauth2/v2.0/authorize";
    let other = format!("/{}/oauth2/v2.0/authorize", CLIENT_ID);
    let pages = [
        (v2, with(v2_request(), "client_id", ""), "AADSTS900144"),
        (
            v2,
            with(v2_request(), "client_id", &RESOURCE[8..]),
            "AADSTS700016",
        ),
        (
            v2,
            with(
                v2_request(),
                "redirect_uri",
                &format!("{REDIRECT_URI}/more"),
            ),
            "AADSTS50011",
        ),
        (
            v2,
            with(
                v2_request(),
                "redirect_uri",
                "http://localhost:9/consent/callback",
            ),
            "AADSTS50011",
        ),
        (
            v2,
            with(v2_request(), "response_mode", "web_message"),
            "AADSTS70007",
        ),
        (&other, v2_request(), "AADSTS90002"),
        (
            "/consumers/oauth2/v2.0/authorize",
            v2_request(),
            "AADSTS700016",
        ),
    ];
    for (path, request, code) in pages {
        let response = world.get(path, &request).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{code}");
        assert!(response.headers().get("location").is_none());
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("{code}:")), "{code}: {page}");
    }
    let redirects = [
        (
            v2,
            with(v2_request(), "resource", RESOURCE),
            "invalid_request",
            "AADSTS901002",
        ),
        (
            v2,
            with(v2_request(), "prompt", "admin_consent"),
            "invalid_request",
            "AADSTS901001",
        ),
        (
            v2,
            with(v2_request(), "prompt", "none"),
            "login_required",
            "AADSTS50058",
        ),
        (
            v2,
            with(v2_request(), "scope", ""),
            "invalid_request",
            "AADSTS900144",
        ),
        (
            v2,
            with(v2_request(), "scope", "https://api.example/Read"),
            "invalid_resource",
            "AADSTS500011",
        ),
        (
            v2,
            with(v2_request(), "response_type", ""),
            "invalid_request",
            "AADSTS900144",
        ),
        (
            v2,
            with(v2_request(), "response_type", "token"),
            "unsupported_response_type",
            "AADSTS70005",
        ),
        (
            v2,
            with(v2_request(), "response_type", "code id_token"),
            "unsupported_response_type",
            "AADSTS700054",
        ),
        (
            v2,
            with(v2_request(), "code_challenge", "short"),
            "invalid_request",
            "AADSTS501491",
        ),
        (
            v1,
            with(v1_request(), "resource", "https://api.example"),
            "invalid_resource",
            "AADSTS500011",
        ),
        (
            v1,
            with(v1_request(), "resource", "https://graph.microsoft.com"),
            "invalid_resource",
            "AADSTS650057",
        ),
    ];
    for (path, request, error, code) in redirects {
        let response = world.get(path, &request).await;
        let answer = redirected(&response);
        assert_eq!(value(&answer, "error"), Some(error), "{code}");
        assert_eq!(value(&answer, "state"), Some("s-1"), "{code}");
        let description = value(&answer, "error_description").unwrap();
        assert!(
            description.starts_with(&format!("{code}:")),
            "{description}"
        );
    }
}

#[tokio::test]
async fn somebody_of_another_tenant_does_not_sign_in_at_a_tenants_page() {
    let world = World::start().await;
    let path = format!("/{}/oauth2/v2.0/authorize", world.tenants[0].tenant_id);
    for account in [
        world.tenants[1].admin.as_str(),
        "nobody@contoso.onmicrosoft.com",
        "nobody",
    ] {
        let response = world.submit(&path, &v2_request(), account, "accept").await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(response.text().await.unwrap().contains("AADSTS50034"));
    }
}

/// One change to a good redemption. A refused one leaves the code redeemable.
#[tokio::test]
async fn the_table_of_code_refusals() {
    let world = World::start().await;
    let v2 = "/organizations/oauth2/v2.0/token";
    let code = world.v2_code().await;
    let good = v2_redemption(&code);
    let own = format!("/{}/oauth2/v2.0/token", world.tenants[0].tenant_id);
    let rows = [
        (v2, with(good.clone(), "code", ""), 900_144),
        (v2, with(good.clone(), "redirect_uri", ""), 900_144),
        (v2, with(good.clone(), "code", "1.unknown"), 70000),
        (
            v2,
            with(good.clone(), "redirect_uri", "http://localhost:8080/"),
            500_112,
        ),
        (v2, with(good.clone(), "code_verifier", ""), 501_481),
        (v2, with(good.clone(), "code_verifier", "another"), 501_481),
        (
            v2,
            with(good.clone(), "client_secret", "another"),
            7_000_215,
        ),
        (v2, with(good.clone(), "client_secret", ""), 7_000_218),
        (v2, with(good.clone(), "scope", "openid email"), 70011),
        (v2, with(good.clone(), "resource", RESOURCE), 901_002),
        (own.as_str(), good.clone(), 700_005),
        ("/common/oauth2/v2.0/token", good.clone(), 700_005),
        ("/organizations/oauth2/token", good.clone(), 70000),
    ];
    for (path, form, number) in rows {
        let (status, body) = world.redeem(path, &form).await;
        assert!(status.is_client_error());
        assert_eq!(body["error_codes"], json!([number]), "{body}");
    }
    assert_eq!(world.redeem(v2, &good).await.0, StatusCode::OK);
    let (_, body) = world.redeem(v2, &good).await;
    assert_eq!(
        (&body["error"], &body["error_codes"]),
        (&json!("invalid_grant"), &json!([54005]))
    );

    let late = v2_redemption(&world.v2_code().await);
    world.clock.advance(600);
    let (_, body) = world.redeem(v2, &late).await;
    assert_eq!(body["error_codes"], json!([70008]));
}
