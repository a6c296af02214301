//! The webhook: without its keys it has Microsoft send again; with keys that cannot be read again
//! it goes on. What the queue does not take, Microsoft sends again.

use auth::secret::ExposeSecret as _;
use feed::auth_id::AuthKeys;
use serde_json::{Value, json};
use tests::gateway_event::request;

use super::function::Function;
use super::guide::{self, Row};
use super::recovery::Watched;
use super::stage::Stage;
use super::trouble::{OfService, Trouble};

/// The keys are read again after so long.
const RING_MAX_AGE: i64 = 900;

#[tokio::test]
async fn the_webhook_starts_and_recovers() {
    let mut stage = Stage::start().await;
    let webhook = Notified(notification(&stage));
    let mut starts = Vec::new();
    let troubles = Trouble::of_secret("webhook-keys");
    for trouble in troubles.chain(Trouble::of_secrets()) {
        starts.push(webhook.at_start(&mut stage, trouble).await);
    }
    let mut later = Vec::new();
    for trouble in Trouble::of_queue() {
        later.push(while_running(&mut stage, &webhook, (trouble, 0)).await);
    }
    for trouble in [OfService::Throttled, OfService::Down, OfService::Hanging] {
        let trouble = (Trouble::Secrets(trouble), RING_MAX_AGE);
        later.push(while_running(&mut stage, &webhook, trouble).await);
    }
    let sections = [("At the start", starts), ("While it runs", later)];
    guide::holds("webhook", &sections);
}

/// Microsoft says that the first tenant has something.
fn notification(stage: &Stage) -> Value {
    let tenant = stage.tenant(0);
    let keys = AuthKeys::from_json(&stage.good("webhook-keys")).unwrap();
    let auth_id = keys.of(tenant.parse().unwrap());
    let setting = |name: &str| stage.setting(name).unwrap();
    let api = setting("FEED_API_URL");
    let items = json!([{
        "tenantId": tenant,
        "clientId": setting("ENTRA_CLIENT_ID"),
        "contentType": "Audit.Exchange",
        "contentUri": format!("{api}/api/v1.0/{tenant}/activity/feed/audit/1"),
    }]);
    let mut event = request("POST", "/feed/webhook");
    event["headers"]["webhook-authid"] = json!(auth_id.expose_secret());
    event["body"] = json!(items.to_string());
    event
}

/// Sent this.
struct Notified(Value);

impl Watched for Notified {
    const REQUESTS: usize = 1;

    async fn start(&self, stage: &Stage) -> Function {
        Function::webhook(stage).await
    }

    async fn served(&self, stage: &Stage, webhook: &Function) -> String {
        webhook.serve(stage, &self.0).await
    }

    fn is_well(served: &str) -> bool {
        served == "200"
    }
}

/// `after`: so long after the start.
async fn while_running(
    stage: &mut Stage,
    notified: &Notified,
    (trouble, after): (Trouble, i64),
) -> Row {
    stage.reset().await;
    let name = trouble.name();
    let webhook = Function::webhook(stage).await;
    trouble.begin(stage).await;
    stage.clock.advance(after);
    let meanwhile = notified.served(stage, &webhook).await;
    let told = stage.faults(&name);
    assert_eq!(told.len(), 1, "{name}: {told:?}");
    stage.mend().await;
    let troubled = (name, told, meanwhile);
    notified.recovered(stage, &webhook, troubled).await
}
