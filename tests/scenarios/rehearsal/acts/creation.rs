//! The first day: the stack, what fills its secrets, who may have what.

use crate::authority::CLIENT_ID;
use crate::in_lambda::{ACCOUNT, ROLE};
use crate::stack::Stack;
use crate::stage::Stage;
use crate::{package, secrets};

/// The customer of the first tenant.
pub(crate) const CUSTOMER: &str = "contoso";
/// A caller that knows managed identity alone.
pub(crate) const KEY_HOLDER: &str = "legacy-tool";

pub(crate) async fn the_stack_is_created(stage: &mut Stage) {
    stage.story.act("The stack is created");
    package::upload(&stage.account, "first").await;
    let story = &stage.story;
    story.seen("the release binaries lie in S3, each as bootstrap in a zip of its own");
    story.differs("AWS_ENDPOINT_URL of each function is a recorder before ministack, ENTRA_AUTHORITY the simulated Entra ID, SSL_CERT_FILE the CA bundle of this machine");
    story.differs("the conditions on CallerAccounts stand resolved: ministack evaluates no Join and no Split in a condition");
    story.differs("the alarm on failed vends has one metric: ministack takes no metric math");
    story.differs("a secret's ARN is its Id: ministack's Ref gives the name, AWS's the ARN");
    let recipe = stage.recipe("first", "900");
    let stack = Stack::create(&stage.account, "broker", &recipe).await;
    let (count, url) = (stack.len(), stack.output("VendingUrl"));
    story.seen(format!(
        "CREATE_COMPLETE: {count} resources, SAM transform included"
    ));
    story.seen(format!(
        "its API is {url}, its URL for AWS callers {}",
        stack.output("VendingFunctionUrl")
    ));
    story.played(
        "DNS and TLS of these names: requests go to ministack's gateways with the name in Host",
    );
    stage.put_stack(stack);
}

pub(crate) async fn the_secrets_are_filled(stage: &mut Stage) {
    stage
        .story
        .act("The secrets are filled, and the application registered");
    let stack = stage.stack();
    secrets::fill(&stage.account, stack, &stage.certificate).await;
    stage.story.seen(
        "consent keys, sealing ring and certificate are each the current version of their secret",
    );
    let redirect_uri = stack.output("RedirectUri");
    stage
        .authority
        .register(redirect_uri, &[&stage.certificate.der]);
    stage.story.seen(format!(
        "application {CLIENT_ID} has the reply URL {redirect_uri}"
    ));
}

pub(crate) async fn the_policy_is_put(stage: &mut Stage) {
    stage.story.act("The operator says who may have what");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), policy(&stage.issuer.url)).unwrap();
    let path = file.path().to_str().unwrap();
    let table = stage.stack().output("TableName");
    let put = ["--table", table, "--json", "policy", "put", path];
    let stored: serde_json::Value = serde_json::from_str(&stage.operate(&put).await).unwrap();
    assert_eq!(stored["version"], 1, "{stored}");
    stage.story.seen(format!(
        "`operator policy put` stored version {} in {table}",
        stored["version"]
    ));
}

/// A workload, a role and a key, for one customer.
fn policy(issuer: &str) -> String {
    let role = format!("{ACCOUNT}/{ROLE}");
    format!(
        r#"@id("workload")
permit (principal is Workload, action, resource in Customer::"{CUSTOMER}")
when {{ principal.issuer == "{issuer}" && principal.subject == "caller" }};
@id("role")
permit (principal == AwsRole::"{role}", action == Action::"vend", resource in Customer::"{CUSTOMER}");
@id("key")
permit (principal == Key::"{KEY_HOLDER}", action == Action::"vend", resource in Customer::"{CUSTOMER}");
"#
    )
}
