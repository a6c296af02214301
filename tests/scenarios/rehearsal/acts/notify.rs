//! A notification of Microsoft's comes to the HTTP API: the webhook puts a message on the queue, and
//! Lambda gives it to a worker. A forged one is refused.

use std::time::Duration;

use auth::secret::ExposeSecret as _;
use feed::auth_id::{AUTH_ID_HEADER, AuthKeys};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use super::collect;
use crate::authority::CLIENT_ID;
use crate::secrets;
use crate::stage::Stage;

/// A loaded machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_millis(500);

pub(crate) async fn a_notification_wakes_a_worker(stage: &mut Stage) {
    stage.story.act("A notification wakes a worker");
    let tenant = stage.authority.tenants()[0].tenant_id.to_string();
    let secret = stage.stack().output("WebhookKeysSecretId");
    let ring = secrets::read(&stage.account, secret).await;
    let keys = AuthKeys::from_json(&ring.to_string()).unwrap();
    let auth_id = keys.of(tenant.parse().unwrap());
    let auth_id = auth_id.expose_secret();
    let forged = notify(stage, &tenant, &auth_id[..auth_id.len() - 1]).await;
    assert_eq!(forged, 403);
    let taken = notify(stage, &tenant, auth_id).await;
    let said = collect::lines(stage, "WebhookLogGroup").await;
    assert_eq!(taken, 200, "{said:#?}");
    stage
        .story
        .played("ministack asks a role for sqs:SendMessageBatch, which AWS does not know");
    stage.story.seen(
        "HTTP API: POST /feed/webhook with the tenant's AuthID is answered 200, with another one 403",
    );
    let woken = timeout(PATIENCE, woken(stage)).await;
    let woken = woken.unwrap_or_else(|_| panic!("no worker woke: {}", stage.cloud.log()));
    stage.story.seen(format!(
        "ministack's mapping gave the message to the worker, with the collector's role: {woken}"
    ));
    assert_eq!(waiting(stage, "FeedDeadLettersUrl").await, "0");
}

async fn notify(stage: &Stage, tenant: &str, auth_id: &str) -> u16 {
    let url = format!("{}/feed/webhook", stage.stack().output("VendingUrl"));
    let content = format!(
        "{}/api/v1.0/{tenant}/activity/feed/audit/1",
        stage.authority.url
    );
    let items = json!([{
        "tenantId": tenant, "clientId": CLIENT_ID, "contentType": "Audit.Exchange",
        "contentId": "1", "contentUri": content,
    }]);
    let request = stage.request(Method::POST, &url);
    let request = request.header(AUTH_ID_HEADER, auth_id);
    // As Microsoft's samples have it.
    let request = request.header("content-type", "application/json; utf-8");
    let answer = request.body(items.to_string()).send().await.unwrap();
    answer.status().as_u16()
}

/// Waits for the line that a worker leaves of a batch.
async fn woken(stage: &Stage) -> String {
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        let said = collect::lines(stage, "CollectorWorkerLogGroup").await;
        let mut said = said.into_iter();
        if let Some(line) = said.find(|line| line.contains("\"feed_woken\"")) {
            return line;
        }
    }
}

/// How many messages wait in a queue, by the output that names it.
async fn waiting(stage: &Stage, output: &str) -> String {
    let asked = json!({
        "QueueUrl": stage.stack().output(output), "AttributeNames": ["ApproximateNumberOfMessages"],
    });
    let target = "AmazonSQS.GetQueueAttributes";
    let answer: Value = stage.account.json("sqs", target, &asked).await;
    let count = &answer["Attributes"]["ApproximateNumberOfMessages"];
    count.as_str().unwrap().to_owned()
}
