//! `POST /invites`: what no invite is made of, for whom, and by whom.

use lambda::function::AnswersRequests as _;
use reqwest::Method;
use serde_json::{Value, json};

use tests::Browser;
use tests::admin::sign_in;

use super::no_policy::{event, with_policy};
use super::stage::{Answer, MALFORMED, Stage, Told, UNPROVEN, answer};

const GUID: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const BOUND_ELSEWHERE: Told = Told {
    status: 409,
    error: "invalid_request",
    cause: "bound_to_another_customer",
};

async fn post(stage: &Stage, body: impl Into<Vec<u8>>) -> Answer {
    let request = stage.request(Method::POST, "/invites");
    answer(request.bearer_auth(stage.caller_token()).body(body.into())).await
}

#[tokio::test]
async fn a_body_that_says_no_invite_makes_none() {
    let stage = Stage::start().await;
    let with = |name: &str, value: Value| {
        let mut body = json!({"customer": "Contoso"});
        body[name] = value;
        body.to_string()
    };
    let long = "x".repeat(4097);
    let rows = [
        ("no body", String::new()),
        ("a form", "customer=Contoso".to_owned()),
        ("a list", "[]".to_owned()),
        ("no customer", "{}".to_owned()),
        ("an empty customer", with("customer", json!(""))),
        ("a long customer", with("customer", json!("x".repeat(201)))),
        ("a line break", with("customer", json!("a\nb"))),
        ("a direction", with("customer", json!("a\u{202e}b"))),
        ("a number", with("customer", json!(7))),
        ("a tenant's domain", with("tenant_id", json!("contoso.com"))),
        ("half a tenant", with("tenant_id", json!(&GUID[..20]))),
        ("personal accounts", with("tenant_id", json!(CONSUMERS))),
        ("no cloud", with("cloud", json!("moon"))),
        ("another authority's cloud", with("cloud", json!("dod"))),
        ("too short", with("expires_in", json!(59))),
        ("too long", with("expires_in", json!(90 * 86_400 + 1))),
        ("in the past", with("expires_in", json!(-1))),
        ("a text", with("expires_in", json!("7d"))),
        ("a path", with("return_url", json!("/done"))),
        (
            "elsewhere",
            with("return_url", json!("https://evil.example")),
        ),
        ("a script", with("return_url", json!("javascript:alert(1)"))),
        ("over-long", with("note", json!(long))),
    ];
    for (row, body) in rows {
        let refused = post(&stage, body).await;
        stage.check(row, &refused, MALFORMED).await;
    }
    let refused = post(&stage, b"{\"customer\": \"\xff\"}".to_vec()).await;
    stage.check("not UTF-8", &refused, MALFORMED).await;
}

#[tokio::test]
async fn nobody_makes_an_invite_without_a_proof() {
    let stage = Stage::start().await;
    let body = json!({"customer": "Contoso"}).to_string();
    let request = || stage.request(Method::POST, "/invites").body(body.clone());
    let bare = answer(request()).await;
    stage.check("no proof", &bare, UNPROVEN).await;
    let wrong = answer(request().bearer_auth("e30.e30.c2ln")).await;
    stage.check("no token", &wrong, UNPROVEN).await;
    let get = stage.get("/invites").await;
    assert_eq!((get.status, get.header("allow")), (405, "POST"));
}

/// Its admin would be refused after all the clicks: whoever makes the link is told.
#[tokio::test]
async fn a_tenant_of_another_account_is_not_invited() {
    let stage = Stage::start().await;
    let tenant = &stage.person(0).tenant_id;
    let body = json!({"customer": "Contoso", "tenant_id": tenant}).to_string();
    let refused = post(&stage, body).await;
    stage
        .check("bound to itself", &refused, BOUND_ELSEWHERE)
        .await;
    let told = refused.body["error_description"].as_str().unwrap();
    assert!(told.contains("move the tenant"), "{told}");
}

/// Who may invite for one account and list nothing learns nothing of another's tenants: an
/// invite for a tenant that is bound elsewhere looks like any other, and is refused to
/// whoever uses it.
#[tokio::test]
async fn whoever_may_not_list_a_tenant_is_not_told_that_it_is_bound() {
    let stage = Stage::start().await;
    let may_invite = r#"@id("invites-for-contoso")
        permit (principal is Workload, action == Action::"invite", resource == Customer::"Contoso")
        when { principal.issuer == "ISSUER" };"#;
    let issuer = stage.issuer.claims()["iss"].as_str().unwrap().to_owned();
    let vending = with_policy(&stage, &may_invite.replace("ISSUER", &issuer)).await;
    let (bound, free) = (stage.person(0).tenant_id.as_str(), GUID);
    for tenant in [bound, free] {
        let body = json!({"customer": "Contoso", "tenant_id": tenant}).to_string();
        let request = event("POST", "/invites", stage.caller_token(), &body);
        let response = vending.handle(request).await;
        let made: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(response.status().as_u16(), 201, "{tenant}: {made}");
        assert_eq!(made.as_object().unwrap().len(), 2, "{tenant}: {made}");
        if tenant == bound {
            let link = made["consent_url"].as_str().unwrap();
            let browser = &mut Browser::default();
            let page = sign_in(browser, link, &stage.person(0).admin).await;
            assert_eq!(page.cause(), "bound_to_another_customer", "{}", page.body);
        }
    }
    let others = json!({"customer": "Fabrikam", "tenant_id": bound}).to_string();
    let request = event("POST", "/invites", stage.caller_token(), &others);
    assert_eq!(vending.handle(request).await.status().as_u16(), 403);
}

#[tokio::test]
async fn an_invite_is_a_link_with_its_end_and_unknown_fields_are_passed_over() {
    let stage = Stage::start().await;
    let body = json!({"customer": "Contoso", "expires_in": 3600, "colour": "blue"});
    let made = post(&stage, body.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let fields = made.body.as_object().unwrap();
    assert_eq!(fields.len(), 2, "{}", made.body);
    assert!(made.body["expires_on"].is_u64());
    let link = made.body["consent_url"].as_str().unwrap();
    let expected = format!("{}?invite=", stage.broker.ready.consent_url);
    assert!(link.starts_with(&expected), "{link}");
    let other = post(&stage, body.to_string()).await;
    assert_ne!(other.body["consent_url"], made.body["consent_url"]);
}
