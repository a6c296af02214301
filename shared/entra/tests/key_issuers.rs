//! Which keys may sign for a tenant: v2's say so of themselves, v1's say nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails here"
)]

mod fake;

use auth::Cloud;
use auth::cause::CauseCode;
use auth::ports::{CodeRedemption, ConsentAuthority as _};
use auth::protocol::{AssertionForm, ConsentFlow, TokenEndpoint};
use fake::{CLIENT, FakeAuthority, KID, NOW, TENANT};
use serde_json::{Value, json};

const NONCE: &str = "the-nonce";

/// A good answer of the version's token endpoint, signed with this key.
fn answer(authority: &FakeAuthority, flow: ConsentFlow, kid: &str) -> Value {
    let mut claims = json!({
        "aud": CLIENT,
        "iss": format!("{}/{TENANT}/v2.0", authority.base_url()),
        "tid": TENANT,
        "nonce": NONCE,
        "exp": NOW + 3600,
    });
    if flow == ConsentFlow::V2 {
        let token = authority.sign(kid, &claims);
        return json!({"id_token": token, "access_token": "t", "expires_in": 1});
    }
    claims["aud"] = json!("https://manage.office.com");
    claims["appid"] = json!(CLIENT);
    claims["iss"] = json!(format!("https://sts.windows.net/{TENANT}/"));
    json!({"access_token": authority.sign(kid, &claims), "expires_in": "3599"})
}

async fn is_accepted(authority: &FakeAuthority, flow: ConsentFlow, kid: &str) -> bool {
    authority.answer(200, answer(authority, flow, kid));
    let client = authority
        .client(TokenEndpoint::V2, AssertionForm::Ps256)
        .await;
    let redemption = CodeRedemption {
        flow,
        tenant: None,
        resource: &Cloud::Public.management_resource(),
        redirect_uri: "https://broker.example/consent/callback",
        unverified_code: &"the-code".to_owned().into(),
        code_verifier: &"the-verifier".to_owned().into(),
        nonce: NONCE,
    };
    match client.redeem(redemption).await {
        Ok(signed_in) => signed_in.tenant == TENANT.parse().unwrap(),
        Err(error) => {
            assert_eq!(error.cause.code, CauseCode::TokenInvalid, "{kid}");
            false
        }
    }
}

#[tokio::test]
async fn a_key_without_an_issuer_signs_v1_tokens_and_no_others() {
    let authority = FakeAuthority::start().await;
    // Key, accepted for v1, accepted for v2.
    let rows = [
        ("for-nobody", true, false),
        ("for-null", true, false),
        ("for-nothing", false, false),
        ("for-a-number", false, false),
        ("for-v1", true, false),
        ("for-v1-of-the-tenant", true, false),
        ("for-v1-of-another", false, false),
        ("for-v2", false, true),
        ("for-v2-of-the-tenant", false, true),
        ("for-v2-of-another", false, false),
        ("in-no-set", false, false),
        (KID, true, true),
    ];
    for (kid, v1, v2) in rows {
        for (flow, expected) in [(ConsentFlow::V1, v1), (ConsentFlow::V2, v2)] {
            let accepted = is_accepted(&authority, flow, kid).await;
            assert_eq!(accepted, expected, "{kid}, {flow:?}");
        }
    }
}
