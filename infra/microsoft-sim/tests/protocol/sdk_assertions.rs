//! Client assertions as shipping SDKs write them, each in its own way: what
//! production takes from them, the simulator takes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::assertion::{Assertion, identity};
use crate::browser::{v2_redemption, with};
use crate::world::{CLIENT_ID, JWT_BEARER, START, World};

type Form = (&'static str, fn() -> Value, fn() -> Value);

/// Header and claims but for aud, iss, sub and jti, which all of them send.
const FORMS: &[Form] = &[
    (
        "the page of 2016",
        || json!({"alg": "RS256", "x5t": URL_SAFE_NO_PAD.encode(identity().sha1())}),
        || json!({"nbf": START, "exp": START + 600}),
    ),
    (
        "the documentation of 2025",
        || {
            json!({"alg": "PS256", "typ": "JWT",
                "x5t#S256": URL_SAFE_NO_PAD.encode(identity().sha256())})
        },
        || json!({"nbf": START, "iat": START, "exp": START + 600}),
    ),
    (
        "MSAL Python: padded, x5c, fractions, no nbf",
        || {
            json!({"alg": "PS256", "typ": "JWT",
                "x5t#S256": URL_SAFE.encode(identity().sha256()),
                "x5c": [STANDARD.encode(&identity().certificate)]})
        },
        || json!({"iat": START as f64 + 0.25, "exp": START as f64 + 600.25}),
    ),
    (
        "MSAL Python with a bare thumbprint",
        || json!({"alg": "RS256", "typ": "JWT", "x5t": URL_SAFE.encode(identity().sha1())}),
        || json!({"iat": START as f64 + 0.25, "exp": START as f64 + 600.25}),
    ),
    (
        "MSAL Go: standard base64, no iat",
        || {
            json!({"alg": "PS256", "typ": "JWT",
                "x5t#S256": STANDARD.encode(identity().sha256())})
        },
        || json!({"nbf": START, "exp": START + 600}),
    ),
    (
        "MSAL.NET: times in strings, x5c one string",
        || {
            json!({"alg": "PS256", "typ": "JWT",
                "x5t#S256": URL_SAFE_NO_PAD.encode(identity().sha256()),
                "x5c": STANDARD.encode(&identity().certificate)})
        },
        || json!({"nbf": START.to_string(), "exp": (START + 600).to_string()}),
    ),
    (
        "MSAL.NET before SHA-256",
        || {
            json!({"alg": "RS256", "typ": "JWT",
                "x5t": URL_SAFE_NO_PAD.encode(identity().sha1())})
        },
        || json!({"nbf": START.to_string(), "exp": (START + 600).to_string()}),
    ),
    (
        "MSAL Node",
        || {
            json!({"alg": "PS256",
                "x5t#S256": URL_SAFE_NO_PAD.encode(identity().sha256())})
        },
        || json!({"nbf": START, "iat": START, "exp": START + 600}),
    ),
    (
        "azure_identity for Rust: five minutes, x5c in PEM",
        || {
            json!({"alg": "RS256", "typ": "JWT", "x5t": STANDARD.encode(identity().sha1()),
                "x5c": ["-----BEGIN CERTIFICATE-----"]})
        },
        || json!({"nbf": START, "exp": START + 300}),
    ),
    (
        "neither nbf nor iat, and no limit on exp",
        || json!({"alg": "RS256", "x5t": URL_SAFE_NO_PAD.encode(identity().sha1())}),
        || json!({"exp": START + 864_000}),
    ),
];

fn assertion((_, header, times): &Form, audience: &str) -> String {
    let mut assertion = Assertion::new(audience);
    assertion.header = header();
    let claims = assertion.claims.as_object_mut().unwrap();
    for time in ["nbf", "exp"] {
        claims.remove(time);
    }
    claims.extend(times().as_object().unwrap().clone());
    assertion.sign()
}

/// Otherwise standard and URL-safe base64 would be the same text.
#[test]
fn the_tests_thumbprints_tell_the_alphabets_apart() {
    for thumbprint in [identity().sha1(), identity().sha256()] {
        assert_ne!(STANDARD.encode(&thumbprint), URL_SAFE.encode(&thumbprint));
    }
}

#[tokio::test]
async fn every_sdks_assertion_is_accepted_at_both_endpoints_for_either_audience() {
    let world = World::start().await;
    world.grant();
    let tenant = world.tenants[0].tenant_id;
    let (v1, v2) = (
        format!("/{tenant}/oauth2/token"),
        format!("/{tenant}/oauth2/v2.0/token"),
    );
    let client_id = CLIENT_ID.to_string();
    for form in FORMS {
        for (path, target) in [
            (&v1, ("resource", "https://manage.office.com")),
            (&v2, ("scope", "https://manage.office.com/.default")),
        ] {
            for audience in [&v1, &v2] {
                let fields = [
                    ("grant_type", "client_credentials"),
                    ("client_id", &client_id),
                    target,
                    ("client_assertion_type", JWT_BEARER),
                    ("client_assertion", &assertion(form, &world.url(audience))),
                ];
                let status = world.post(path, &fields).await.status();
                assert_eq!(status, StatusCode::OK, "{}: {path}, {audience}", form.0);
            }
        }
    }
}

/// No secret is ever needed: an assertion is taken wherever one is.
#[tokio::test]
async fn every_sdks_assertion_redeems_a_code() {
    let world = World::start().await;
    let path = "/organizations/oauth2/v2.0/token";
    for form in FORMS {
        let mut fields = with(v2_redemption(&world.v2_code().await), "client_secret", "");
        fields.push(("client_assertion_type", JWT_BEARER.to_owned()));
        fields.push(("client_assertion", assertion(form, &world.url(path))));
        let (status, body) = world.redeem(path, &fields).await;
        assert_eq!(status, StatusCode::OK, "{}: {body}", form.0);
    }
}

/// MSAL Python and MSAL Node send one assertion for minutes.
#[tokio::test]
async fn an_assertion_may_be_used_again_and_each_token_is_new() {
    let world = World::start().await;
    world.grant();
    let (path, form) = world.app_only(world.tenants[0].tenant_id);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let request = world.http.post(world.url(&path)).form(&form);
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        let claims = world.verified(body["access_token"].as_str().unwrap()).await;
        ids.push(claims["uti"].as_str().unwrap().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
}
