//! Sign-in with and without what is optional: state, nonce, prompt, scopes,
//! ways back, claims.

use reqwest::StatusCode;
use serde_json::Value;

use crate::browser::{VERIFIER, redemption, v1_request, v2_redemption, v2_request, with};
use crate::world::{
    CLIENT_ID, REDIRECT_URI, RESOURCE, World, claims, redirected, registration, value,
};

const V1: &str = "/common/oauth2/authorize";
const V2: &str = "/organizations/oauth2/v2.0/authorize";
const V2_TOKEN: &str = "/organizations/oauth2/v2.0/token";

#[tokio::test]
async fn html_is_taken_out_of_the_state_that_comes_back() {
    let world = World::start().await;
    let admin = &world.tenants[0].admin;
    for (sent, back) in [
        ("eyJhIjoxfQ-_.~", "eyJhIjoxfQ-_.~"),
        ("a<b>c</b>d", "acd"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("1 < 2", "1 < 2"),
        ("2 > 1", "2 > 1"),
        ("a<b", "a<b"),
    ] {
        for (path, request) in [(V1, v1_request()), (V2, v2_request())] {
            let request = with(request, "state", sent);
            for action in ["accept", "cancel"] {
                let response = world.submit(path, &request, admin, action).await;
                let answer = redirected(&response);
                assert_eq!(value(&answer, "state"), Some(back), "{path} {action}");
            }
        }
    }
}

/// The consent link of 2016 has neither state nor nonce nor PKCE.
#[tokio::test]
async fn without_a_state_none_comes_back() {
    let world = World::start().await;
    let admin = &world.tenants[0].admin;
    for (path, request) in [(V1, v1_request()), (V2, v2_request())] {
        let answer = world.accept(path, &with(request, "state", ""), admin).await;
        assert!(value(&answer, "code").is_some());
        assert_eq!(value(&answer, "state"), None);
    }
}

#[tokio::test]
async fn every_prompt_of_the_endpoints_version_is_known() {
    let world = World::start().await;
    for (path, request, prompts) in [
        (
            V1,
            v1_request(),
            &["login", "select_account", "consent", "admin_consent"][..],
        ),
        (V2, v2_request(), &["login", "select_account", "consent"]),
    ] {
        for prompt in prompts {
            let request = with(request.clone(), "prompt", prompt);
            let page = world.get(path, &request).await;
            assert_eq!(page.status(), StatusCode::OK, "{path} {prompt}");
        }
    }
}

#[tokio::test]
async fn a_login_hint_chooses_the_account_and_other_hints_are_ignored() {
    let world = World::start().await;
    let user = &world.tenants[1].user;
    let mut request = with(v2_request(), "login_hint", user);
    request.push(("domain_hint", "organizations".to_owned()));
    let page = world.get(V2, &request).await.text().await.unwrap();
    assert!(page.contains(&format!("value=\"{user}\" required checked")));
    assert_eq!(page.matches(" checked").count(), 1);
}

#[tokio::test]
async fn a_plain_challenge_is_its_own_verifier() {
    let world = World::start().await;
    let admin = &world.tenants[0].admin;
    for method in ["plain", ""] {
        let request = with(v2_request(), "code_challenge", VERIFIER);
        let request = with(request, "code_challenge_method", method);
        let answer = world.accept(V2, &request, admin).await;
        let form = v2_redemption(value(&answer, "code").unwrap());
        assert_eq!(world.redeem(V2_TOKEN, &form).await.0, StatusCode::OK);
    }
}

/// v2.0 sends what the scope asks for and no more.
#[tokio::test]
async fn tokens_come_as_the_scope_asks() {
    let world = World::start().await;
    for (scope, id_token, refresh_token) in [
        ("openid", true, false),
        ("openid offline_access", true, true),
        ("https://manage.office.com/.default", false, false),
    ] {
        let request = with(v2_request(), "scope", scope);
        let admin = &world.tenants[0].admin;
        let answer = world.accept(V2, &request, admin).await;
        let form = v2_redemption(value(&answer, "code").unwrap());
        let (status, body) = world.redeem(V2_TOKEN, &form).await;
        assert_eq!(status, StatusCode::OK, "{scope}: {body}");
        assert_eq!(body["id_token"].is_string(), id_token, "{scope}");
        assert_eq!(body["refresh_token"].is_string(), refresh_token, "{scope}");
        assert!(body["expires_in"].is_number() && body.get("expires_on").is_none());
    }
}

/// `groupMembershipClaims` decides, and only about v2.0 ID tokens.
#[tokio::test]
async fn wids_come_only_where_the_registration_asks_for_them() {
    let world = World::start().await;
    for asked in [true, false] {
        let mut registration = registration();
        registration.group_membership_claims_directory_role = asked;
        world.simulator.register(registration).unwrap();
        let form = v2_redemption(&world.v2_code().await);
        let (_, body) = world.redeem(V2_TOKEN, &form).await;
        let identity = claims(body["id_token"].as_str().unwrap());
        assert_eq!(identity["wids"].is_array(), asked);
        let access = claims(body["access_token"].as_str().unwrap());
        assert_eq!(access["wids"], Value::Null);
    }
}

#[tokio::test]
async fn a_v1_redemption_answers_in_strings_with_an_unsigned_id_token() {
    let world = World::start().await;
    let answer = world
        .accept(V1, &v1_request(), &world.tenants[0].admin)
        .await;
    assert!(value(&answer, "session_state").is_some());
    let form = redemption(value(&answer, "code").unwrap());
    let (_, body) = world.redeem("/common/oauth2/token", &form).await;
    for field in ["expires_in", "expires_on", "not_before", "ext_expires_in"] {
        let digits = body[field].as_str().unwrap();
        assert!(digits.parse::<u64>().is_ok(), "{field}");
    }
    assert_eq!(body["resource"], RESOURCE);
    let token = body["id_token"].as_str().unwrap();
    let header = jsonwebtoken::decode_header(token);
    assert!(header.is_err(), "alg none is no algorithm: {header:?}");
    assert!(token.ends_with('.'));
}

#[tokio::test]
async fn a_bare_host_gets_a_slash_in_a_redirect_and_none_in_a_form() {
    const BARE: &str = "https://broker.example";
    let world = World::start().await;
    let mut bare = registration();
    bare.redirect_uris.push(BARE.to_owned());
    world.simulator.register(bare).unwrap();
    let admin = &world.tenants[0].admin;
    let request = with(v2_request(), "redirect_uri", BARE);
    for (mode, start) in [
        ("query", "https://broker.example/?code="),
        ("fragment", "https://broker.example/#code="),
    ] {
        let request = with(request.clone(), "response_mode", mode);
        let response = world.submit(V2, &request, admin, "accept").await;
        let location = response.headers()["location"].to_str().unwrap();
        assert!(location.starts_with(start), "{location}");
    }
    let request = with(request, "response_mode", "form_post");
    let page = world.submit(V2, &request, admin, "accept").await;
    let page = page.text().await.unwrap();
    assert!(page.contains(&format!("action=\"{BARE}\"")), "{page}");
}

#[tokio::test]
async fn the_port_of_localhost_is_ignored_and_the_code_goes_to_the_one_that_was_sent() {
    let world = World::start().await;
    let admin = &world.tenants[0].admin;
    for uri in [
        "http://localhost:65535/consent/callback",
        "http://localhost/consent/callback",
    ] {
        let request = with(v2_request(), "redirect_uri", uri);
        let response = world.submit(V2, &request, admin, "accept").await;
        let location = response.headers()["location"].to_str().unwrap();
        assert!(location.starts_with(&format!("{uri}?")), "{location}");
        let url = url::Url::parse(location).unwrap();
        let sent: Vec<_> = url.query_pairs().into_owned().collect();
        let form = v2_redemption(value(&sent, "code").unwrap());
        // Registered as well, but not the one that the code was sent to.
        let refused = world.told(V2_TOKEN, &form, uri).await;
        assert_eq!(refused, (400, "invalid_grant".to_owned(), 500_112), "{uri}");
        let form = with(form, "redirect_uri", uri);
        assert_eq!(
            world.redeem(V2_TOKEN, &form).await.0,
            StatusCode::OK,
            "{uri}"
        );
    }
}

#[tokio::test]
async fn a_redirect_uri_that_microsoft_would_not_register_is_not_registered() {
    let world = World::start().await;
    let mut wrong = registration();
    wrong
        .redirect_uris
        .push("http://broker.example/".to_owned());
    let error = world.simulator.register(wrong).unwrap_err().to_string();
    assert!(error.contains("http://broker.example/") && error.contains("https"));
    let kept = world.simulator.registration(CLIENT_ID).unwrap();
    assert_eq!(kept.redirect_uris, [REDIRECT_URI], "the old ones stay");
}
