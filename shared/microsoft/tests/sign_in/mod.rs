//! Who signed in: only a token that passes every check names a tenant.

mod tokens;

use auth::TenantId;
use auth::cause::CauseCode;
use auth::ports::SignedIn;
use auth::protocol::ConsentFlow;
use microsoft::{CodeCredential, EntraClient};
use serde_json::{Value, json};
use tokens::{hmac, id_claims, tampered, under, unsigned, with};

use crate::fake::platform::{Certificate, HeldSecrets};
use crate::fake::raw::{RawAuthority, http};
use crate::fake::{self, CLIENT, FakeAuthority, KID, NONCE, NOW, TENANT, part};

const PROOF_BY_ASSERTION: [&str; 2] = ["client_assertion", "client_assertion_type"];

async fn redeem(authority: &FakeAuthority, flow: ConsentFlow) -> Result<SignedIn, CauseCode> {
    redeem_by(&authority.client().await, flow).await
}

async fn redeem_by(client: &EntraClient, flow: ConsentFlow) -> Result<SignedIn, CauseCode> {
    let redeemed = fake::redeem(client, flow).await;
    redeemed.map_err(|error| error.cause.code)
}

#[tokio::test]
async fn a_checked_id_token_names_tenant_person_and_roles() {
    let authority = FakeAuthority::start().await;
    let token = authority.sign(KID, &id_claims(&authority));
    authority.answer(
        200,
        json!({"id_token": token, "access_token": "t", "expires_in": 1}),
    );
    let signed_in = redeem(&authority, ConsentFlow::V2).await.unwrap();
    assert_eq!(signed_in.tenant, TENANT.parse::<TenantId>().unwrap());
    assert_eq!(
        signed_in.username.as_deref(),
        Some("admin@contoso.onmicrosoft.com")
    );
    assert_eq!(signed_in.directory_roles.map(|roles| roles.len()), Some(1));

    let arrived = authority.arrived().remove(0);
    assert_eq!(arrived.path, "/organizations/oauth2/v2.0/token");
    assert_eq!(arrived.form["grant_type"], "authorization_code");
    assert_eq!(arrived.form["code"], "the-code");
    assert_eq!(arrived.form["code_verifier"], "the-verifier");
    assert_eq!(
        arrived.form["redirect_uri"],
        "https://broker.example/consent/callback"
    );
    assert!(arrived.form.contains_key("client_assertion"));
    assert!(!arrived.form.contains_key("client_secret"));
}

#[tokio::test]
async fn an_id_token_that_fails_one_check_names_nobody() {
    let authority = FakeAuthority::start().await;
    let good = id_claims(&authority);
    let base = authority.base_url().to_owned();
    let consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let sign = |claims: Value| authority.sign(KID, &claims);
    let rows: Vec<(&str, String)> = vec![
        ("alg none", unsigned(&good)),
        (
            "alg none, no signature part",
            unsigned(&good).trim_end_matches('.').to_owned(),
        ),
        ("HS256 over the public key", hmac(&authority, &good)),
        (
            "a kid that is not published",
            authority.sign("other", &good),
        ),
        (
            "the consumers' key for another tenant",
            authority.sign("consumers-key", &good),
        ),
        (
            "another audience",
            sign(with(good.clone(), "aud", json!(TENANT))),
        ),
        ("no audience", sign(with(good.clone(), "aud", Value::Null))),
        (
            "another issuer",
            sign(with(
                good.clone(),
                "iss",
                json!("https://evil.example/v2.0"),
            )),
        ),
        (
            "an issuer of another tenant",
            sign(with(
                good.clone(),
                "iss",
                json!(format!("{base}/{consumers}/v2.0")),
            )),
        ),
        (
            "another tid than the issuer's",
            sign(with(good.clone(), "tid", json!(consumers))),
        ),
        (
            "a tid that is no GUID",
            sign(with(good.clone(), "tid", json!("contoso.onmicrosoft.com"))),
        ),
        (
            "another nonce",
            sign(with(good.clone(), "nonce", json!("stale"))),
        ),
        ("no nonce", sign(with(good.clone(), "nonce", Value::Null))),
        ("expired", sign(with(good.clone(), "exp", json!(NOW - 301)))),
        ("no exp", sign(with(good.clone(), "exp", Value::Null))),
        (
            "not yet valid",
            sign(with(good.clone(), "nbf", json!(NOW + 301))),
        ),
        ("crit", under(&authority, json!({"crit": ["exp"]}), &good)),
        (
            "an empty crit",
            under(&authority, json!({"crit": []}), &good),
        ),
        (
            "an unencoded payload",
            under(&authority, json!({"crit": ["b64"], "b64": false}), &good),
        ),
        (
            "another kind",
            under(&authority, json!({"typ": "pop"}), &good),
        ),
        ("PS256", under(&authority, json!({"alg": "PS256"}), &good)),
        ("RS384", under(&authority, json!({"alg": "RS384"}), &good)),
        ("a changed payload", tampered(&sign(good.clone()))),
        ("not a JWT", "opaque".to_owned()),
        ("empty", String::new()),
    ];
    for (what, token) in rows {
        authority.answer(
            200,
            json!({"id_token": token, "access_token": "t", "expires_in": 1}),
        );
        let outcome = redeem(&authority, ConsentFlow::V2).await;
        assert_eq!(outcome, Err(CauseCode::TokenInvalid), "{what}");
    }
    authority.answer(200, json!({"access_token": "t", "expires_in": 1}));
    assert_eq!(
        redeem(&authority, ConsentFlow::V2).await,
        Err(CauseCode::TokenInvalid)
    );
}

#[tokio::test]
async fn the_v1_flow_believes_the_signed_access_token_only() {
    let authority = FakeAuthority::start().await;
    let good = json!({
        "iss": format!("https://sts.windows.net/{TENANT}/"),
        "aud": "https://manage.office.com",
        "tid": TENANT,
        "appid": CLIENT,
        "exp": NOW + 3600,
        "nbf": NOW - 300,
        "upn": "admin@contoso.onmicrosoft.com",
    });
    let answer = |claims: &Value, nonce: &str| {
        let id_token = unsigned(&json!({"tid": TENANT, "nonce": nonce}));
        let token = authority.sign(KID, claims);
        json!({"access_token": token, "id_token": id_token, "expires_in": "3599"})
    };
    authority.answer(200, answer(&good, NONCE));
    let signed_in = redeem(&authority, ConsentFlow::V1).await.unwrap();
    assert_eq!(signed_in.tenant, TENANT.parse::<TenantId>().unwrap());
    assert_eq!(
        signed_in.username.as_deref(),
        Some("admin@contoso.onmicrosoft.com")
    );

    let rows = [
        ("aud", json!("https://graph.microsoft.com")),
        ("appid", json!(TENANT)),
        ("appid", Value::Null),
        (
            "iss",
            json!(format!("{}/{TENANT}/v2.0", authority.base_url())),
        ),
        ("tid", json!("9188040d-6c67-4c5b-b112-36a304b66dad")),
        ("exp", json!(NOW - 301)),
    ];
    for (name, value) in rows {
        authority.answer(200, answer(&with(good.clone(), name, value), NONCE));
        let refused = redeem(&authority, ConsentFlow::V1).await;
        assert_eq!(refused, Err(CauseCode::TokenInvalid), "{name}");
    }
    for header in [json!({"crit": ["exp"]}), json!({"typ": "pop"})] {
        let mut body = answer(&good, NONCE);
        body["access_token"] = json!(under(&authority, header, &good));
        authority.answer(200, body);
        let refused = redeem(&authority, ConsentFlow::V1).await;
        assert_eq!(refused, Err(CauseCode::TokenInvalid), "the header");
    }
    authority.answer(200, answer(&good, "of another sign-in"));
    let refused = redeem(&authority, ConsentFlow::V1).await;
    assert_eq!(
        refused,
        Err(CauseCode::TokenInvalid),
        "the ID token's nonce"
    );
    let id_token_only = json!({"id_token": unsigned(&good), "expires_in": "3599"});
    authority.answer(200, id_token_only);
    let refused = redeem(&authority, ConsentFlow::V1).await;
    assert_eq!(
        refused,
        Err(CauseCode::TokenInvalid),
        "an unsigned token proves nothing"
    );

    let arrived = authority.arrived().remove(0);
    assert_eq!(arrived.path, "/common/oauth2/token");
    assert_eq!(arrived.form["resource"], "https://manage.office.com");
}

/// A request that got no answer may have arrived: for a code, that was the only time.
#[tokio::test]
async fn a_code_is_sent_once_whatever_comes_back() {
    let authority = RawAuthority::start().await;
    let secrets = HeldSecrets::holding(&Certificate::create("test"));
    let secret = || CodeCredential::ClientSecret("the-secret".into());
    let rows = [
        ("an outage", http(503, "", b""), CauseCode::Unavailable),
        ("no answer", Vec::new(), CauseCode::NoAnswer),
    ];
    for (what, answer, code) in rows {
        authority.answer(answer);
        for credential in [CodeCredential::Assertion, secret()] {
            let row = format!("{what}, {credential:?}");
            let client = fake::redeeming(&authority.base_url, &secrets, credential).await;
            let outcome = redeem_by(&client, ConsentFlow::V2).await;
            assert_eq!(outcome, Err(code), "{row}");
            assert_eq!(authority.take_arrived().len(), 1, "{row}");
        }
    }
}

#[tokio::test]
async fn a_code_is_redeemed_with_one_credential() {
    let authority = RawAuthority::start().await;
    let secrets = HeldSecrets::holding(&Certificate::create("test"));
    authority.answer(http(503, "", b""));
    let secret = CodeCredential::ClientSecret("the-secret".into());
    let rows: [(_, &[_]); 2] = [
        (CodeCredential::Assertion, &PROOF_BY_ASSERTION),
        (secret, &["client_secret"]),
    ];
    for (credential, expected) in rows {
        let client = fake::redeeming(&authority.base_url, &secrets, credential).await;
        redeem_by(&client, ConsentFlow::V2).await.unwrap_err();
        let form = authority.take_arrived().remove(0).form;
        let is_proof = |name: &&str| name.starts_with("client_") && *name != "client_id";
        let mut proofs: Vec<&str> = form.keys().map(String::as_str).filter(is_proof).collect();
        proofs.sort_unstable();
        assert_eq!(proofs, expected);
    }
}

/// As for app-only tokens: an assertion that waited is replaced once, a code that is
/// refused for itself is not tried again.
#[tokio::test]
async fn a_code_is_tried_again_only_with_a_fresh_assertion() {
    let authority = FakeAuthority::start().await;
    for (number, requests) in [(700_024, 2), (54_005, 1), (70_008, 1), (50_033, 1)] {
        let before = authority.arrived().len();
        let body = json!({"error": "invalid_client", "error_codes": [number]});
        authority.answer(401, body);
        assert!(redeem(&authority, ConsentFlow::V2).await.is_err());
        assert_eq!(authority.arrived().len() - before, requests, "{number}");
    }
    let arrived = authority.arrived();
    let jti = |index: usize| part(&arrived[index].form["client_assertion"], 1)["jti"].clone();
    assert_ne!(jti(0), jti(1));
}
