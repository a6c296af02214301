//! App-only token requests: what arrives at the authority, and what is made of its
//! answers.

use auth::cause::CauseCode;
use auth::protocol::{AssertionForm, TokenEndpoint};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::fake::{self, CLIENT, FakeAuthority, NOW, TENANT, ask, part};

#[tokio::test]
async fn the_v2_request_is_the_documented_one() {
    let authority = FakeAuthority::start().await;
    authority.answer(200, json!({"access_token": "t", "expires_in": 3599}));
    let client = authority.client().await;
    let issued = ask(&client).await.unwrap();
    assert_eq!(issued.expires_in.as_secs(), 3599);

    let arrived = authority.arrived().remove(0);
    assert_eq!(arrived.path, format!("/{TENANT}/oauth2/v2.0/token"));
    let mut names: Vec<&str> = arrived.form.keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = [
        "client_assertion",
        "client_assertion_type",
        "client_id",
        "grant_type",
        "scope",
    ];
    assert_eq!(names, expected);
    assert_eq!(arrived.form["grant_type"], "client_credentials");
    assert_eq!(arrived.form["scope"], "https://manage.office.com/.default");
    assert_eq!(arrived.form["client_id"], CLIENT);
    let token_url = format!("{}{}", authority.base_url(), arrived.path);
    check_assertion(
        &authority,
        &arrived.form["client_assertion"],
        Algorithm::PS256,
        &token_url,
    );
}

#[tokio::test]
async fn the_v1_request_is_that_of_2016() {
    let authority = FakeAuthority::start().await;
    authority.answer(200, json!({"access_token": "t", "expires_in": "3599"}));
    let v1 = (TokenEndpoint::V1, AssertionForm::Rs256);
    let client = fake::client_of(v1, authority.base_url(), &authority.secrets).await;
    let issued = ask(&client).await.unwrap();
    assert_eq!(issued.expires_in.as_secs(), 3599);

    let arrived = authority.arrived().remove(0);
    assert_eq!(arrived.path, format!("/{TENANT}/oauth2/token"));
    assert_eq!(arrived.form["resource"], "https://manage.office.com");
    assert!(!arrived.form.contains_key("scope"));
    let token_url = format!("{}{}", authority.base_url(), arrived.path);
    check_assertion(
        &authority,
        &arrived.form["client_assertion"],
        Algorithm::RS256,
        &token_url,
    );
}

/// The signature verifies under the certificate's public key by a library that did
/// not make it, and header and payload are what Microsoft documents.
fn check_assertion(authority: &FakeAuthority, assertion: &str, algorithm: Algorithm, aud: &str) {
    let (header, claims) = (part(assertion, 0), part(assertion, 1));
    let der = &authority.signing_key.certificate().der;
    let (name, hash, other) = match algorithm {
        Algorithm::PS256 => ("x5t#S256", &digest::SHA256, "x5t"),
        _ => ("x5t", &digest::SHA1_FOR_LEGACY_USE_ONLY, "x5t#S256"),
    };
    // Hashed and encoded anew: what the key says of itself would prove nothing.
    let thumbprint = URL_SAFE_NO_PAD.encode(digest::digest(hash, der));
    assert_eq!(header[name], thumbprint);
    assert_eq!(header["typ"], "JWT");
    assert!(header.get(other).is_none() && header.get("kid").is_none());

    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!(CLIENT), &json!(CLIENT))
    );
    assert_eq!(claims["aud"], aud);
    let time = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!(time("exp") - time("nbf"), 600);
    // Half a minute back, for a clock of ours that runs ahead.
    assert_eq!((time("nbf"), time("iat")), (NOW - 30, NOW));
    let jti = claims["jti"].as_str().unwrap();
    assert_eq!(uuid::Uuid::parse_str(jti).unwrap().get_version_num(), 4);

    let (_, certificate) = X509Certificate::from_der(der).unwrap();
    let key = DecodingKey::from_rsa_der(&certificate.public_key().subject_public_key.data);
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_audience(&[aud]);
    jsonwebtoken::decode::<Value>(assertion, &key, &validation).expect("the signature verifies");
}

#[tokio::test]
async fn every_request_has_an_assertion_of_its_own() {
    let authority = FakeAuthority::start().await;
    authority.answer(200, json!({"access_token": "t", "expires_in": 3599}));
    let client = authority.client().await;
    for _ in 0..2 {
        ask(&client).await.unwrap();
    }
    let arrived = authority.arrived();
    let jti = |index: usize| part(&arrived[index].form["client_assertion"], 1)["jti"].clone();
    assert_ne!(jti(0), jti(1));
}

#[tokio::test]
async fn a_life_is_read_in_every_form_and_believed_up_to_28_hours() {
    let authority = FakeAuthority::start().await;
    let client = authority.client().await;
    // expires_in, refresh_in, the life and the renewal that come out, in seconds
    let rows = [
        (json!(3599), Value::Null, 3599, None),
        (json!("3599"), json!("1800"), 3599, Some(1800)),
        (json!(3599.75), json!(1800.5), 3599, Some(1800)),
        (json!("3599.5"), json!("later"), 3599, None),
        (json!(3599), json!({"in": [1800]}), 3599, None),
        (json!(1), json!(0), 1, None),
        (json!(5400), json!(-1), 5400, None),
        (json!(86_400), json!(99_999), 86_400, Some(86_400)),
        (json!(100_801), json!(""), 100_800, None),
        (json!(999_999_999), json!(43_200), 100_800, Some(43_200)),
        (json!(i64::MAX), Value::Null, 100_800, None),
    ];
    for (expires_in, refresh_in, life, renewal) in rows {
        let body = json!({"access_token": "t", "token_type": "bearer",
            "expires_in": expires_in, "refresh_in": refresh_in, "id_token": 7});
        authority.answer(200, &body);
        let issued = ask(&client).await.unwrap();
        assert_eq!(issued.expires_in.as_secs(), life, "{body}");
        assert_eq!(
            issued.refresh_in.map(|after| after.as_secs()),
            renewal,
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_authority_that_is_not_there_is_unreachable() {
    let authority = FakeAuthority::start().await;
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let client = fake::client(&nobody, &authority.secrets).await;
    let refused = ask(&client).await;
    assert_eq!(
        refused.unwrap_err().cause.code,
        CauseCode::AuthorityUnreachable
    );
}
