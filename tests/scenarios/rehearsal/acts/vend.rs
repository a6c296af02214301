//! Callers of every kind get the tenant's token, and who is nobody gets nothing.

use reqwest::Method;
use serde_json::{Value, json};
use tests::Vended;
use tests::broker::SCOPE;
use tests::jwt::claims;

use super::creation::KEY_HOLDER;
use crate::in_lambda;
use crate::stage::Stage;

const FORM: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", SCOPE)];

pub(crate) async fn callers_get_tokens(stage: &mut Stage) {
    stage.story.act("Callers get tokens");
    let tenant = stage.authority.tenants()[0].tenant_id;
    let before = stage.authority.requests_of(tenant).await;
    by_the_operator(stage, &tenant.to_string()).await;
    by_their_own_clouds_token(stage, &tenant.to_string()).await;
    by_a_batch(stage, &tenant.to_string()).await;
    by_a_signature(stage, &tenant.to_string()).await;
    by_a_key(stage, &tenant.to_string()).await;
    assert_eq!(stage.authority.requests_of(tenant).await, before);
    stage
        .story
        .seen("none of this asked Entra ID: the tokens are those that the refresher stored");
}

async fn by_the_operator(stage: &Stage, tenant: &str) {
    let token: Value = serde_json::from_str(&stage.operate(&["token", tenant]).await).unwrap();
    let claims = &token["claims"];
    assert_eq!(
        (claims["tid"].as_str(), token["source"].as_str()),
        (Some(tenant), Some("table")),
        "{token}"
    );
    stage.story.seen(format!(
        "`operator token` shows the claims of the stored token, roles {}",
        claims["roles"]
    ));
}

async fn by_their_own_clouds_token(stage: &Stage, tenant: &str) {
    let url = token_url(stage, tenant);
    let unproven = Vended::of(stage.request(Method::POST, &url).form(&FORM)).await;
    assert_eq!(unproven.status, 401, "{unproven:?}");
    let vended = vend(stage, tenant, &[]).await;
    let claims = claims(vended.token());
    assert_eq!(claims["tid"].as_str(), Some(tenant), "{claims}");
    stage.story.seen(format!("HTTP API: an OIDC token is answered with a token of tenant {tenant}, roles {}; without proof 401", claims["roles"]));
    let list = format!("{}/tenants", stage.stack().output("VendingUrl"));
    let list = stage
        .request(Method::GET, &list)
        .bearer_auth(stage.issuer.token(1));
    let list = Vended::of(list).await;
    assert_eq!(
        list.body["tenants"][0]["tenant_id"].as_str(),
        Some(tenant),
        "{list:?}"
    );
    stage.story.seen("HTTP API: GET /tenants lists the tenant");
}

async fn by_a_batch(stage: &Stage, tenant: &str) {
    let url = format!("{}/tokens", stage.stack().output("VendingUrl"));
    let of = |tenant: &str| json!({"tenant_id": tenant, "resource": "https://manage.office.com"});
    let unknown = "41463f53-8812-40f4-890f-865bf6e35190";
    let request = stage.request(Method::POST, &url);
    let request = request.json(&json!({"tokens": [of(tenant), of(unknown)]}));
    let batch = Vended::of(request.bearer_auth(stage.issuer.token(1))).await;
    let [own, other] = [&batch.body["tokens"][0], &batch.body["tokens"][1]];
    let token = own["access_token"].as_str().unwrap_or_default();
    assert_eq!(claims(token)["tid"].as_str(), Some(tenant), "{batch:?}");
    assert!(other["access_token"].is_null() && other["status"] != 200);
    stage.story.seen(format!(
        "HTTP API: POST /tokens is answered with the token of one tenant and {} for another that is not there",
        other["status"]
    ));
}

async fn by_a_signature(stage: &Stage, tenant: &str) {
    let path = format!("/{tenant}/oauth2/v2.0/token");
    let base = stage
        .stack()
        .output("VendingFunctionUrl")
        .trim_end_matches('/');
    let unsigned = stage
        .request(Method::POST, &format!("{base}{path}"))
        .form(&FORM);
    let unsigned = unsigned.send().await.unwrap().status();
    assert_eq!(unsigned, 403);
    stage
        .story
        .seen("function URL: ministack refuses a request without a signature with 403");
    let function = stage.stack().physical("VendingFunction");
    let (front, signer) = in_lambda::function_url(&stage.account, function).await;
    stage.story.played("the function URL for signed requests: ministack's event does not say who signed; the event goes through Lambda's Invoke");
    let url = format!("{front}{path}");
    let signed = Vended::of(signer.post(&stage.client, &url, &FORM)).await;
    assert_eq!(claims(signed.token())["tid"].as_str(), Some(tenant));
    let unsigned = stage.client.post(&url).form(&FORM).send().await.unwrap();
    assert_eq!(unsigned.status(), 403);
    let role = format!("{}/{}", in_lambda::ACCOUNT, in_lambda::ROLE);
    stage.story.seen(format!(
        "function URL: role {role} is answered with the tenant's token; unsigned 403"
    ));
}

async fn by_a_key(stage: &Stage, tenant: &str) {
    let added = stage
        .operate(&["--json", "caller", "add", KEY_HOLDER])
        .await;
    let added: Value = serde_json::from_str(&added).unwrap();
    let url = format!(
        "{}/msi/token?api-version=2019-08-01&resource=https://manage.office.com&client_id={tenant}",
        stage.stack().output("VendingUrl")
    );
    let asked = stage.request(Method::GET, &url);
    let answer =
        Vended::of(asked.header("x-identity-header", added["key"].as_str().unwrap())).await;
    assert_eq!(claims(answer.token())["tid"].as_str(), Some(tenant));
    stage.story.seen(format!(
        "HTTP API: the caller key {KEY_HOLDER} is answered by the managed-identity route"
    ));
}

/// A token by the HTTP API, with a new caller's token.
pub(crate) async fn vend(stage: &Stage, tenant: &str, more: &[(&str, &str)]) -> Vended {
    let form = [&FORM[..], more].concat();
    let request = stage.request(Method::POST, &token_url(stage, tenant));
    Vended::of(request.bearer_auth(stage.issuer.token(2)).form(&form)).await
}

fn token_url(stage: &Stage, tenant: &str) -> String {
    let base = stage.stack().output("VendingUrl");
    format!("{base}/{tenant}/oauth2/v2.0/token")
}
