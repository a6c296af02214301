//! A `forbid` on a claim denies at the function itself, whichever claim of the token it is:
//! those of the registered names too (RFC 7519 §4.1).

use lambda::function::AnswersRequests as _;
use serde_json::{Value, json};
use vending::Vending;

use super::no_policy::{event, with_policy};
use super::stage::{Stage, Version};

/// Everything for the run's own issuer.
const PERMIT: &str = r#"@id("all") permit (principal is Workload, action, resource)
when { principal.issuer == "ISSUER" };"#;

/// What the table's token says besides what every token of the issuer says.
fn claims(stage: &Stage) -> Value {
    let mut claims = stage.issuer.claims();
    claims["jti"] = json!("token-1");
    claims["team"] = json!("red");
    claims["groups"] = json!(["ops", "dev"]);
    claims["kubernetes.io"] = json!({"namespace": "jobs", "pods": [{"name": "p"}]});
    claims["a/b"] = json!("slash");
    claims["n"] = json!(7);
    claims
}

fn tag(name: &str, value: &str) -> String {
    format!(r#"principal.hasTag("{name}") && principal.getTag("{name}") == "{value}""#)
}

fn list(name: &str, value: &str) -> String {
    format!(
        r#"principal.lists.hasTag("{name}") && principal.lists.getTag("{name}").contains("{value}")"#
    )
}

async fn vend(vending: &Vending, stage: &Stage, token: &str) -> u16 {
    let (name, value) = Version::V2.resource();
    let form = format!("grant_type=client_credentials&{name}={value}");
    let request = event("POST", &stage.token_path(Version::V2), token, &form);
    vending.handle(request).await.status().as_u16()
}

#[tokio::test]
async fn a_forbid_on_any_claim_denies() {
    let stage = Stage::start().await;
    let claims = claims(&stage);
    let token = stage.issuer.sign(&stage.issuer.header(), &claims);
    let text = |name: &str| claims[name].as_str().unwrap().to_owned();
    let number = |name: &str| claims[name].to_string();
    let permit = PERMIT.replace("ISSUER", &text("iss"));
    // Condition of the forbid; whether it is met.
    let rows = [
        (tag("sub", &text("sub")), true),
        (tag("iss", &text("iss")), true),
        (tag("aud", &text("aud")), true),
        (tag("exp", &number("exp")), true),
        (tag("nbf", &number("nbf")), true),
        (tag("iat", &number("iat")), true),
        (tag("jti", "token-1"), true),
        (list("sub", &text("sub")), true),
        (list("aud", &text("aud")), true),
        (list("exp", &number("exp")), true),
        (tag("/sub", &text("sub")), true),
        (tag("/kubernetes.io/namespace", "jobs"), true),
        (tag("/kubernetes.io/pods/0/name", "p"), true),
        (list("groups", "dev"), true),
        (tag("a/b", "slash"), true),
        (tag("/a~1b", "slash"), true),
        (tag("n", "7"), true),
        (r#"principal.hasTag("exp")"#.to_owned(), true),
        (r#"!principal.hasTag("nonce")"#.to_owned(), true),
        (
            r#"principal.hasTag("sub") && principal.getTag("sub") like "dev*""#.to_owned(),
            true,
        ),
        (tag("sub", "somebody else"), false),
        (tag("exp", "1"), false),
        (list("groups", "red"), false),
        (r#"!principal.hasTag("aud")"#.to_owned(), false),
    ];
    let without = with_policy(&stage, &permit).await;
    assert_eq!(vend(&without, &stage, &token).await, 200);
    for (condition, met) in rows {
        let text = format!(
            "{permit}\n@id(\"none\") forbid (principal is Workload, action, resource) when {{ {condition} }};"
        );
        let vending = with_policy(&stage, &text).await;
        // Checked, and remembered.
        for _ in 0..2 {
            let expected = if met { 403 } else { 200 };
            assert_eq!(
                vend(&vending, &stage, &token).await,
                expected,
                "{condition}"
            );
        }
    }
}
