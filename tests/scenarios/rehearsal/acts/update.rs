//! The stack is updated: other parameters, a domain of one's own, and new code.

use reqwest::Method;
use serde_json::{Value, json};

use super::vend;
use crate::package;
use crate::stack::Stack;
use crate::stage::Stage;

/// A domain of one's own, with its certificate.
const DOMAIN: &str = "broker.example";
const CERTIFICATE: &str =
    "arn:aws:acm:us-east-1:000000000000:certificate/2d4d11a2-f814-46a7-890a-274a72a7309e";
const REDIRECT_URI: &str = "https://broker.example/consent/callback";
const CONSENT_URL: &str = "https://broker.example/consent";
const COMPANY: &str = "Contoso & Sons";
const COMPANY_IN_HTML: &str = "Contoso &#38; Sons";
const NEXT_COMPANY: &str = "Fabrikam";

pub(crate) async fn the_stack_is_updated(stage: &mut Stage) {
    stage.story.act("The stack is updated");
    let before = configuration(stage).await;
    let function_url = stage.stack().output("VendingFunctionUrl").to_owned();
    let table = stage.stack().output("TableName").to_owned();
    let page = consent_page(stage).await;
    assert!(!page.contains(COMPANY_IN_HTML), "{page}");
    package::upload(&stage.account, "second").await;
    update(stage, COMPANY).await;
    let after = configuration(stage).await;
    assert_ne!(before["CodeSha256"], after["CodeSha256"], "new code");
    let setting = |configuration: &Value| {
        configuration["Environment"]["Variables"]["OUTAGE_TO_SURVIVE_SECONDS"].clone()
    };
    assert_eq!(
        (setting(&before), setting(&after)),
        ("900".into(), "600".into())
    );
    assert_eq!(stage.stack().output("TableName"), table, "the table stays");
    let kept = stage.stack().output("VendingFunctionUrl");
    assert_eq!(kept, function_url, "the function URL stays");
    // The consent flow's cookies hold for one host.
    let links = ["RedirectUri", "ConsentUrl"].map(|name| stage.stack().output(name));
    assert_eq!(links, [REDIRECT_URI, CONSENT_URL]);
    stage.story.seen("UPDATE_COMPLETE: OutageToSurviveSeconds 900 is now 600, the links and the reply URL are at a domain of one's own, the functions have new code, table and function URL are the same");
    a_changed_parameter_changes_an_answer(stage).await;
    the_alias_is_pointed_at_a_version(stage).await;
    for tenant in stage.authority.tenants().iter().take(3) {
        vend::vend(stage, &tenant.tenant_id.to_string(), &[])
            .await
            .token();
    }
    stage
        .story
        .seen("three tenants' tokens are vended as before, at that domain");
}

/// The alias stands on `$LATEST`: nothing is published, and what was changed holds at once.
async fn a_changed_parameter_changes_an_answer(stage: &Stage) {
    let page = consent_page(stage).await;
    assert!(page.contains(COMPANY_IN_HTML), "{page}");
    stage.story.seen(format!(
        "GET {CONSENT_URL}, by the alias `live`: the page names {COMPANY}, which it did not before"
    ));
    stage
        .story
        .played("DNS and TLS of the domain, as of the other names");
}

/// What an operator may do later, and what it costs: a version keeps the parameters with which
/// it was published, at the same address.
async fn the_alias_is_pointed_at_a_version(stage: &mut Stage) {
    let version = lambda(stage, Method::POST, "/versions", json!({})).await;
    let version = version["Version"].as_str().unwrap().to_owned();
    point(stage, &version).await;
    update(stage, NEXT_COMPANY).await;
    let page = consent_page(stage).await;
    assert!(page.contains(COMPANY_IN_HTML), "{page}");
    point(stage, "$LATEST").await;
    let page = consent_page(stage).await;
    assert!(page.contains(NEXT_COMPANY), "{page}");
    stage.story.seen(format!(
        "`live` on version {version} keeps that company after an update to {NEXT_COMPANY}; back \
         on $LATEST it names {NEXT_COMPANY}, at the same address"
    ));
}

async fn point(stage: &Stage, version: &str) {
    let target = json!({"FunctionVersion": version});
    lambda(stage, Method::PUT, "/aliases/live", target).await;
}

/// A call of Lambda about the consent function.
async fn lambda(stage: &Stage, method: Method, path: &str, body: Value) -> Value {
    let function = stage.stack().physical("ConsentFunction");
    let path = format!("/2015-03-31/functions/{function}{path}");
    let body = body.to_string().into_bytes();
    let call = (method, path.as_str());
    stage.account.rest("lambda", call, body).await
}

async fn update(stage: &mut Stage, company: &str) {
    let chosen = [
        ("OutageToSurviveSeconds", "600"),
        ("ConsentCompanyName", company),
        ("DomainName", DOMAIN),
        ("CertificateArn", CERTIFICATE),
    ];
    let recipe = stage.recipe("second", &chosen);
    let name = stage.take_stack().name;
    let stack = Stack::update(&stage.account, &name, &recipe).await;
    stage.put_stack(stack);
}

/// The page that asks for an invite: it names the company, as every page does.
async fn consent_page(stage: &Stage) -> String {
    let url = stage.stack().output("ConsentUrl");
    let answer = stage.request(Method::GET, url).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    answer.text().await.unwrap()
}

async fn configuration(stage: &Stage) -> Value {
    let function = stage.stack().physical("VendingFunction");
    let path = format!("/2015-03-31/functions/{function}/configuration");
    let read = (Method::GET, path.as_str());
    stage.account.rest("lambda", read, Vec::new()).await
}
