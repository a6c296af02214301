//! What the header of a token and a published key say of what they are for.

use auth::ports::ProofError;
use serde_json::json;

use crate::issuing::checker::Checker;
use crate::issuing::server::KEYS;

#[tokio::test]
async fn a_signed_header_that_has_to_be_understood_or_is_of_another_kind_proves_nobody() {
    let checker = Checker::start().await;
    let claims = checker.claims();
    let rows = [
        ("", true),
        (r#","typ":"JWT""#, true),
        (r#","typ":"at+jwt""#, true),
        (r#","cty":"JWT","x5t":"AAAA","unheard-of":1"#, true),
        (r#","crit":["exp"],"exp":1"#, false),
        (r#","crit":["b64"],"b64":false"#, false),
        (r#","crit":["unheard-of"],"unheard-of":1"#, false),
        (r#","crit":["kid"]"#, false),
        (r#","crit":[]"#, false),
        (r#","crit":null"#, false),
        (r#","crit":"exp""#, false),
        (r#","crit":{}"#, false),
        (r#","b64":false"#, false),
        (r#","typ":"dpop+jwt""#, false),
        (r#","typ":"logout+jwt""#, false),
        (r#","typ":"secevent+jwt""#, false),
        (r#","typ":null"#, false),
        (r#","kid":"1""#, false),
        (r#","alg":"ES256""#, false),
    ];
    for (more, proven) in rows {
        let header = format!(r#"{{"alg":"ES256","kid":"1"{more}}}"#);
        let outcome = checker
            .verify(&checker.key.sign_under(&header, &claims))
            .await;
        let refused = matches!(outcome, Err(ProofError::Refused(_)));
        assert_eq!((outcome.is_ok(), refused), (proven, !proven), "{header}");
    }
}

#[tokio::test]
async fn a_published_key_checks_what_its_issuer_publishes_it_for_and_nothing_else() {
    let rows = [
        ("alg", json!("ES256"), true),
        ("alg", serde_json::Value::Null, true),
        ("alg", json!("ES384"), false),
        ("alg", json!("RS256"), false),
        ("alg", json!("HS256"), false),
        ("alg", json!("none"), false),
        ("alg", json!("es256"), false),
        ("alg", json!(["ES256"]), false),
        ("use", json!("sig"), true),
        ("use", json!("enc"), false),
        ("use", json!("tls"), false),
        ("use", json!(""), false),
        ("use", json!(1), false),
        ("key_ops", json!(["verify"]), true),
        ("key_ops", json!(["sign", "verify"]), true),
        ("key_ops", json!(["sign"]), false),
        ("key_ops", json!(["encrypt", "wrapKey"]), false),
        ("key_ops", json!([]), false),
        ("key_ops", json!("verify"), false),
        ("kty", json!("RSA"), false),
    ];
    for (name, value, proven) in rows {
        let checker = Checker::start().await;
        let mut jwk = checker.key.jwk();
        jwk.as_object_mut().unwrap().remove("alg");
        jwk[name] = value;
        checker.listed.says(KEYS, 200, json!({"keys": [&jwk]}));
        let outcome = checker.verify(&checker.token()).await;
        let refused = matches!(outcome, Err(ProofError::Refused(_)));
        assert_eq!((outcome.is_ok(), refused), (proven, !proven), "{jwk}");
    }
}
