//! Which keys may sign for a tenant: v2's say so of themselves, v1's say nothing.

use auth::cause::CauseCode;
use auth::protocol::ConsentFlow;
use serde_json::{Value, json};

use crate::fake::{CLIENT, FakeAuthority, KID, NONCE, NOW, TENANT, redeem};

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
    match redeem(&authority.client().await, flow).await {
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
