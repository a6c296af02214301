//! Refusals of the authorize endpoints and of code redemption, in tables.

use reqwest::StatusCode;
use serde_json::json;

use crate::browser::{Fields, redemption, v1_request, v2_redemption, v2_request, with};
use crate::refusal_shape::told;
use crate::world::{CLIENT_ID, REDIRECT_URI, RESOURCE, World, redirected, registration, value};

/// One change to a good request; refused on a page or at the redirect URI.
#[rustfmt::skip]
#[tokio::test]
async fn the_table_of_authorize_refusals() {
    let world = World::start().await;
    let v1 = "/common/oauth2/authorize";
    let v2 = "/organizations/oauth2/v2.0/authorize";
    let other = format!("/{}/oauth2/v2.0/authorize", CLIENT_ID);
    let changed = |name, value: &str| with(v2_request(), name, value);
    let changed_v1 = |name, value: &str| with(v1_request(), name, value);
    let pages = [
        (v2, changed("client_id", ""), "AADSTS900144"),
        (v2, changed("client_id", &RESOURCE[8..]), "AADSTS700016"),
        (v2, changed("redirect_uri", &format!("{REDIRECT_URI}/more")), "AADSTS50011"),
        (v2, changed("response_mode", "web_message"), "AADSTS70007"),
        (&other, v2_request(), "AADSTS90002"),
        ("/consumers/oauth2/v2.0/authorize", v2_request(), "AADSTS700016"),
    ];
    for (path, request, code) in pages {
        let response = world.get(path, &request).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{code}");
        assert!(response.headers().get("location").is_none());
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("{code}:")), "{code}: {page}");
    }
    let redirects = [
        (v2, changed("resource", RESOURCE), "invalid_request", "AADSTS901002"),
        (v2, changed("prompt", "admin_consent"), "invalid_request", "AADSTS901001"),
        (v2, changed("prompt", "none"), "login_required", "AADSTS50058"),
        (v2, changed("scope", ""), "invalid_request", "AADSTS900144"),
        (v2, changed("scope", "https://api.example/Read"), "invalid_resource", "AADSTS500011"),
        (v2, changed("response_type", ""), "invalid_request", "AADSTS900144"),
        (v2, changed("response_type", "token"), "unsupported_response_type", "AADSTS70005"),
        (v2, changed("response_type", "code id_token"), "unsupported_response_type", "AADSTS700054"),
        (v2, changed("code_challenge", "short"), "invalid_request", "AADSTS501491"),
        (v1, changed_v1("prompt", "none"), "login_required", "AADSTS50058"),
        (v2, changed("code_challenge_method", "S512"), "invalid_request", "AADSTS501491"),
        (v1, changed_v1("resource", "https://api.example"), "invalid_resource", "AADSTS500011"),
        (v1, changed_v1("resource", "https://graph.microsoft.com"), "invalid_resource", "AADSTS650057"),
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

/// Nothing but the port of localhost may differ.
#[tokio::test]
async fn the_table_of_redirect_uris_that_are_not_registered() {
    let world = World::start().await;
    let mut others = registration();
    for uri in [
        "http://127.0.0.1:8080/consent/callback",
        "https://broker.example/consent/callback",
    ] {
        others.redirect_uris.push(uri.to_owned());
    }
    world.simulator.register(others).unwrap();
    for uri in [
        "http://localhost:9/Consent/callback",
        "http://localhost:9/consent/callback/",
        "http://localhost:9/consent/callback?plan=gcc",
        "http://localhost:9",
        "http://localhost:/consent/callback",
        "http://localhost:65536/consent/callback",
        "http://localhost:+9/consent/callback",
        "http://LOCALHOST:9/consent/callback",
        "https://localhost:8080/consent/callback",
        "http://localhost:9@broker.example/consent/callback",
        "http://localhost.broker.example/consent/callback",
        "http://127.0.0.1:9/consent/callback",
        "https://broker.example:444/consent/callback",
    ] {
        let request = with(v2_request(), "redirect_uri", uri);
        let response = world
            .get("/organizations/oauth2/v2.0/authorize", &request)
            .await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{uri}");
        assert!(response.headers().get("location").is_none(), "{uri}");
        let page = response.text().await.unwrap();
        assert!(page.contains("AADSTS50011:"), "{uri}: {page}");
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
#[rustfmt::skip]
#[tokio::test]
async fn the_table_of_code_refusals() {
    let world = World::start().await;
    let v2 = "/organizations/oauth2/v2.0/token";
    let good = v2_redemption(&world.v2_code().await);
    let own = format!("/{}/oauth2/v2.0/token", world.tenants[0].tenant_id);
    let changed = |name, value| with(good.clone(), name, value);
    let rows = [
        ("no code", v2, changed("code", ""), 400, "invalid_request", 900_144),
        ("no redirect URI", v2, changed("redirect_uri", ""), 400, "invalid_request", 900_144),
        ("no client", v2, changed("client_id", ""), 400, "invalid_request", 900_144),
        ("unknown client", v2, changed("client_id", "me"), 400, "unauthorized_client", 700_016),
        ("unknown code", v2, changed("code", "1.unknown"), 400, "invalid_grant", 70000),
        ("another redirect URI", v2, changed("redirect_uri", "http://localhost:8080/"), 400, "invalid_grant", 500_112),
        ("no verifier", v2, changed("code_verifier", ""), 400, "invalid_grant", 501_481),
        ("wrong verifier", v2, changed("code_verifier", "another"), 400, "invalid_grant", 501_481),
        ("wrong secret", v2, changed("client_secret", "another"), 401, "invalid_client", 7_000_215),
        ("no secret", v2, changed("client_secret", ""), 401, "invalid_client", 7_000_218),
        ("another scope", v2, changed("scope", "openid email"), 400, "invalid_scope", 70011),
        ("resource on v2.0", v2, changed("resource", RESOURCE), 400, "invalid_request", 901_002),
        ("at the tenant, from an alias", own.as_str(), good.clone(), 400, "invalid_grant", 700_005),
        ("at another alias", "/common/oauth2/v2.0/token", good.clone(), 400, "invalid_grant", 700_005),
        ("at v1", "/organizations/oauth2/token", good.clone(), 400, "invalid_grant", 70000),
    ];
    for (name, path, form, status, error, number) in rows {
        let got = world.told(path, &form, name).await;
        assert_eq!(got, (status, error.to_owned(), number), "{name}");
    }
    assert_eq!(world.redeem(v2, &good).await.0, StatusCode::OK);
    let reused = world.told(v2, &good, "reused").await;
    assert_eq!(reused, (400, "invalid_grant".to_owned(), 54005));

    let late = v2_redemption(&world.v2_code().await);
    world.clock.advance(600);
    let expired = world.told(v2, &late, "expired").await;
    assert_eq!(expired, (400, "invalid_grant".to_owned(), 70008));
}

impl World {
    pub(crate) async fn told(&self, path: &str, form: &Fields, name: &str) -> (u16, String, u64) {
        let request = self.http.post(self.url(path)).form(form);
        told(request.send().await.unwrap(), name).await
    }
}

#[tokio::test]
async fn a_code_of_one_tenant_is_not_redeemed_at_another() {
    let world = World::start().await;
    let [first, second] = [&world.tenants[0], &world.tenants[1]];
    let page = format!("/{}/oauth2/v2.0/authorize", first.tenant_id);
    let answer = world.accept(&page, &v2_request(), &first.admin).await;
    let form = v2_redemption(value(&answer, "code").unwrap());
    let path = |tenant| format!("/{tenant}/oauth2/v2.0/token");
    let got = world.told(&path(second.tenant_id), &form, "other").await;
    assert_eq!(got, (400, "invalid_grant".to_owned(), 700_005));
    let (status, _) = world.redeem(&path(first.tenant_id), &form).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_of_one_client_is_not_redeemed_by_another() {
    let world = World::start().await;
    let mut second = registration();
    second.client_id = uuid::Uuid::from_u128(7);
    world.simulator.register(second.clone()).unwrap();
    let good = v2_redemption(&world.v2_code().await);
    let stolen = with(good, "client_id", &second.client_id.to_string());
    let got = world.told("/organizations/oauth2/v2.0/token", &stolen, "stolen");
    assert_eq!(got.await, (400, "invalid_grant".to_owned(), 70000));
}

/// `resource` comes with the sign-in or with the redemption; twice it is the
/// same.
#[tokio::test]
async fn a_v1_code_is_for_one_resource() {
    const OTHER: &str = "https://manage-gcc.office.com";
    const OK: Option<u64> = None;
    let world = World::start().await;
    world.grant();
    for (signed_in, redeemed, expected) in [
        (RESOURCE, "", OK),
        ("", RESOURCE, OK),
        (RESOURCE, RESOURCE, OK),
        ("", "", Some(900_144)),
        (RESOURCE, OTHER, Some(9_002_313)),
    ] {
        let request = with(v1_request(), "resource", signed_in);
        let admin = &world.tenants[0].admin;
        let answer = world
            .accept("/common/oauth2/authorize", &request, admin)
            .await;
        let form = redemption(value(&answer, "code").unwrap());
        let form = with(form, "resource", redeemed);
        let (status, body) = world.redeem("/common/oauth2/token", &form).await;
        let row = format!("{signed_in} {redeemed}: {body}");
        assert_eq!(status.is_success(), expected.is_none(), "{row}");
        match expected {
            Some(number) => assert_eq!(body["error_codes"], json!([number]), "{row}"),
            None => assert_eq!(body["resource"], RESOURCE, "{row}"),
        }
    }
}
