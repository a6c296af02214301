//! The stack is updated: another parameter, and new code.

use reqwest::Method;
use serde_json::Value;

use super::vend;
use crate::package;
use crate::stack::Stack;
use crate::stage::Stage;

/// At a domain of one's own.
const REDIRECT_URI: &str = "https://broker.example/consent/callback";
const CONSENT_URL: &str = "https://broker.example/consent";

pub(crate) async fn the_stack_is_updated(stage: &mut Stage) {
    stage.story.act("The stack is updated");
    let before = configuration(stage).await;
    let table = stage.stack().output("TableName").to_owned();
    package::upload(&stage.account, "second").await;
    let chosen = [
        ("OutageToSurviveSeconds", "600"),
        ("ConsentRedirectUri", REDIRECT_URI),
    ];
    let recipe = stage.recipe("second", &chosen);
    let name = stage.take_stack().name;
    let stack = Stack::update(&stage.account, &name, &recipe).await;
    stage.put_stack(stack);
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
    // The consent flow's cookies hold for one host.
    let links = ["RedirectUri", "ConsentUrl"].map(|name| stage.stack().output(name));
    assert_eq!(links, [REDIRECT_URI, CONSENT_URL]);
    stage.story.seen("UPDATE_COMPLETE: OutageToSurviveSeconds 900 is now 600, the admin's link and the reply URL are at a domain of one's own, the functions have new code, the table is the same");
    for tenant in stage.authority.tenants().iter().take(3) {
        vend::vend(stage, &tenant.tenant_id.to_string(), &[])
            .await
            .token();
    }
    stage
        .story
        .seen("three tenants' tokens are vended as before");
}

async fn configuration(stage: &Stage) -> Value {
    let function = stage.stack().physical("VendingFunction");
    let path = format!("/2015-03-31/functions/{function}/configuration");
    let read = (Method::GET, path.as_str());
    stage.account.rest("lambda", read, Vec::new()).await
}
