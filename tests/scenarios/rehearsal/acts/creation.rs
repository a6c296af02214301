//! The first day: the application, the stack, what fills its secrets, who may have what.

use std::time::Duration;

use cargo_metadata::MetadataCommand;
use reqwest::Method;
use serde_json::{Value, json};
use tests::emulated::DIFFERENCES;
use tests::gateway_event;
use tokio::time::{interval, timeout};

use crate::authority::CLIENT_ID;
use crate::certificate::Certificate;
use crate::in_lambda::{ACCOUNT, ROLE};
use crate::package;
use crate::stack::Stack;
use crate::stage::Stage;

/// A function that waits looks again 2 s after its last look at the earliest.
const PATIENCE: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(100);

/// The customer of the first tenant.
pub(crate) const CUSTOMER: &str = "contoso";
/// A caller that knows managed identity alone.
pub(crate) const KEY_HOLDER: &str = "legacy-tool";

pub(crate) async fn the_application_is_registered(stage: &mut Stage) {
    stage.story.act("The application is registered");
    let certificate = Certificate::create(stage, "broker 1").await;
    stage
        .story
        .seen("`operator certificate create` made a key, a certificate and the key credential");
    stage.authority.register(None, &[&certificate]);
    stage.certificates.push(certificate);
    stage.story.seen(format!(
        "application {CLIENT_ID} has that key credential, and no reply URL yet"
    ));
}

pub(crate) async fn the_stack_is_created(stage: &mut Stage) {
    stage.story.act("The stack is created");
    package::upload(&stage.account, "first").await;
    let story = &stage.story;
    story.seen("the binaries lie in S3, each as bootstrap in a zip of its own");
    story.differs("the collector comes to the HTTP API by ministack's path for it, VENDING_URL, and FEED_API_URL is the simulated Activity API");
    story.played("STS for vending (AWS_ENDPOINT_URL_STS): ministack says which role signed, in XML alone and without its ID");
    story.differs("AWS_ENDPOINT_URL of each function is a recorder before ministack, ENTRA_AUTHORITY the simulated Entra ID, SSL_CERT_FILE the CA bundle of this machine");
    for difference in DIFFERENCES {
        story.differs(difference.said);
    }
    let recipe = stage.recipe("first", &[]);
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
    stage.story.played(
        "GET /health through Lambda's Invoke: ministack answers that path of every API by itself",
    );
    let (status, body) = health(stage).await;
    let said = (status, body["cause"].as_str());
    assert_eq!(said, (503, Some("broker_unavailable")), "{body}");
    stage
        .story
        .seen("GET /health answers 503, cause broker_unavailable: the secrets are empty");
}

pub(crate) async fn the_secrets_are_filled(stage: &mut Stage) {
    stage
        .story
        .act("The reply URL is registered, and the secrets are filled");
    let redirect_uri = stage.stack().output("RedirectUri");
    let certificate = &stage.certificates[0];
    stage.authority.register(Some(redirect_uri), &[certificate]);
    stage.story.seen(format!(
        "application {CLIENT_ID} has the reply URL {redirect_uri}"
    ));
    let published = certificate.publish(stage, &[]).await;
    assert_eq!(published["state"], "first", "{published}");
    stage.story.seen(format!(
        "`operator certificate publish` put the first certificate into its secret: {} days left",
        published["days_left"]
    ));
    for outcome in ["made", "present"] {
        let keys = stage.operate(&["--json", "keys", "create"]).await;
        let keys: Value = serde_json::from_str(&keys).unwrap();
        let expected = json!({
            "consent_keys": outcome, "sealing_ring": outcome, "webhook_keys": outcome
        });
        assert_eq!(keys, expected);
    }
    stage.story.seen(
        "`operator keys create` made the consent keys, the sealing ring and the webhook's keys; \
         said again, it left them as they were",
    );
    let body = timeout(PATIENCE, healthy(stage)).await;
    assert_eq!(body.expect("it starts in time"), json!({"status": "ok"}));
    stage
        .story
        .seen("GET /health answers 200: the function that waited has looked again");
}

/// Asks until the function works.
async fn healthy(stage: &Stage) -> Value {
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        if let (200, body) = health(stage).await {
            return body;
        }
    }
}

/// The vending function's own answer: ministack keeps this path of every API to itself.
async fn health(stage: &Stage) -> (u64, Value) {
    let function = stage.stack().physical("VendingFunction");
    let path = format!("/2015-03-31/functions/{function}/invocations");
    let event = gateway_event::request("GET", "/health").to_string();
    let invoke = (Method::POST, path.as_str());
    let answer = stage.account.rest("lambda", invoke, event.into_bytes());
    let answer = answer.await;
    let body = answer["body"].as_str().unwrap_or_default();
    let body = serde_json::from_str(body).unwrap_or(Value::Null);
    (answer["statusCode"].as_u64().unwrap(), body)
}

pub(crate) async fn the_policy_is_put(stage: &mut Stage) {
    stage.story.act("The operator says who may have what");
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = format!(
        "{}{}",
        policy(&stage.issuer.url),
        policy_of_collector(stage)
    );
    std::fs::write(file.path(), text).unwrap();
    let path = file.path().to_str().unwrap();
    stage.operate(&["policy", "check", path]).await;
    let put = ["--json", "policy", "put", path, "--confirm"];
    let stored = stage.operate(&put).await;
    let stored: Value = serde_json::from_str(&stored).unwrap();
    assert_eq!(stored["version"], 1, "{stored}");
    stage.story.seen(format!(
        "`operator policy check` finds the text sound, `operator policy put` stored it as \
         version {}",
        stored["version"]
    ));
}

/// As its file is put, with the stack's outputs in their two places.
fn policy_of_collector(stage: &Stage) -> String {
    let root = MetadataCommand::new().no_deps().exec().unwrap();
    let file = root.workspace_root.join("infra/policies/collector.cedar");
    let places = [
        ("111122223333/token-broker-collector", "CollectorPrincipal"),
        ("AROAEXAMPLEROLEID0003", "CollectorRoleId"),
    ];
    let text = std::fs::read_to_string(file).unwrap();
    places.iter().fold(text, |text, (example, output)| {
        assert!(text.contains(example), "{example} in collector.cedar");
        text.replace(example, stage.stack().output(output))
    })
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
