//! The samples of the page of 2016 ("Get started with Office 365 Management APIs"),
//! read by the code that reads real answers: its JSON with its numbers as strings, and
//! its tokens, which it prints un-encoded and which are encoded here. What we send is
//! held against the page in `tests/scenarios/seed_2016`.

use std::sync::Arc;

use auth::Cloud;
use auth::ports::{
    CodeRedeemer as _, CodeRedemption, HeldClock, HeldRandom, SignedIn, TokenIssuer as _,
};
use auth::protocol::{AssertionForm, AuthorityConfig, ConsentFlow, TokenEndpoint};
use microsoft::{CodeCredential, EntraClient, EntraParts, KeysInSecret, SigningKeys, TrustRoots};
use serde_json::{Value, json};

use crate::fake::{FakeAuthority, KID, NOW};

fn sample() -> Value {
    let page = include_str!("../../../tests/fixtures/get_started_2016.json");
    serde_json::from_str::<Value>(page).unwrap()["sample"].take()
}

fn text<'a>(sample: &'a Value, name: &str) -> &'a str {
    sample[name].as_str().unwrap()
}

/// The sample's application, a minute after the sample token began.
async fn client(authority: &FakeAuthority, sample: &Value, token: &str) -> EntraClient {
    let config = AuthorityConfig {
        client_id: text(sample, "client_id").parse().unwrap(),
        cloud: Cloud::Public,
        authority: Some(authority.base_url().parse().unwrap()),
        token_endpoint: TokenEndpoint::V1,
        assertion: AssertionForm::Rs256,
    };
    let secrets = Arc::clone(&authority.secrets);
    let now = Arc::new(HeldClock::at(NOW));
    let versions = KeysInSecret::new(secrets, "certificate", now.clone());
    let keys = SigningKeys::load(Arc::new(versions), now).await;
    EntraClient::new(EntraParts {
        meter: None,
        config,
        signing_keys: keys.unwrap(),
        code_credential: CodeCredential::ClientSecret("the page's client key".into()),
        roots: TrustRoots::default(),
        clock: Arc::new(HeldClock::at(sample[token]["nbf"].as_i64().unwrap() + 60)),
        random: Arc::new(HeldRandom::counting()),
    })
    .unwrap()
}

/// The page's sample response, with its sample token in the place of the dots.
fn answer(sample: &Value, name: &str, token: String, more: Value) -> Value {
    let mut answer = sample[name].clone();
    answer["access_token"] = json!(token);
    for (name, value) in more.as_object().unwrap() {
        answer[name] = value.clone();
    }
    answer
}

#[tokio::test]
async fn the_sample_response_to_a_code_gives_the_tenant() {
    let (authority, sample) = (FakeAuthority::start().await, sample());
    let token = authority.sign(KID, &sample["code_token"]);
    let printed = json!({"refresh_token": "AAABAAA...", "id_token": "eyJ0eXAi..."});
    authority.answer(200, answer(&sample, "code_answer", token, printed));
    let redemption = CodeRedemption {
        flow: ConsentFlow::V1,
        tenant: None,
        resource: &Cloud::Public.management_resource(),
        redirect_uri: "http://www.mycompany.com/myapp/",
        unverified_code: &"AAABAAAAvPM1KaPlrEqdFSB...".into(),
        code_verifier: &"verifier".into(),
        nonce: "nonce",
    };
    let client = client(&authority, &sample, "code_token").await;
    let signed_in = client.redeem(redemption).await.unwrap();
    let expected = SignedIn {
        tenant: text(&sample, "tenant_id").parse().unwrap(),
        person: sample["code_token"]["oid"]
            .as_str()
            .map(|oid| oid.parse().unwrap()),
        username: Some("admin@contoso.onmicrosoft.com".to_owned()),
        directory_roles: None,
        delegated_scopes: ["ActivityFeed.Read", "ServiceHealth.Read"]
            .map(str::to_owned)
            .to_vec(),
    };
    assert_eq!(signed_in, expected);
}

#[tokio::test]
async fn the_sample_response_to_an_assertion_gives_an_app_only_token() {
    let (authority, sample) = (FakeAuthority::start().await, sample());
    let token = authority.sign(KID, &sample["app_only_token"]);
    let printed = answer(&sample, "app_only_answer", token.clone(), json!({}));
    authority.answer(200, printed);
    let client = client(&authority, &sample, "app_only_token").await;
    let tenant = text(&sample, "tenant_id").parse().unwrap();
    let resource = Cloud::Public.management_resource();
    let issued = client.app_only_token(tenant, Cloud::Public, &resource);
    let issued = issued.await.unwrap();
    assert_eq!(issued.expires_in.as_secs(), 3599);
    assert_eq!(issued.refresh_in, None);
    assert_eq!(issued.access_token.expose(), token);
    let claims = issued.access_token.unverified_claims().unwrap();
    assert_eq!(claims.tid, tenant);
    assert!(resource.is_audience(&claims.aud));
    assert_eq!(claims.roles, ["ServiceHealth.Read", "ActivityFeed.Read"]);
    assert_eq!(claims.scp, None);
}
