//! A rule of the account's event bus hears what happens to tenants.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use crate::stage::Stage;

const QUEUE: &str = "broker-events";
const PATIENCE: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(200);

pub(crate) async fn a_rule_listens(stage: &mut Stage) {
    stage.story.act("Events go to the account's bus");
    let account = &stage.account;
    let queue = json!({"QueueName": QUEUE});
    account.json("sqs", "AmazonSQS.CreateQueue", &queue).await;
    let pattern = json!({"source": ["m365-token-broker"]}).to_string();
    let rule = json!({"Name": QUEUE, "EventPattern": pattern});
    account.json("events", "AWSEvents.PutRule", &rule).await;
    let arn = format!("arn:aws:sqs:us-east-1:000000000000:{QUEUE}");
    let targets = json!({"Rule": QUEUE, "Targets": [{"Id": "queue", "Arn": arn}]});
    account
        .json("events", "AWSEvents.PutTargets", &targets)
        .await;
    stage
        .story
        .seen("a rule for the source m365-token-broker passes events to a queue");
}

pub(crate) async fn the_rule_has_heard(stage: &mut Stage) {
    stage.story.act("The bus has heard of the tenant");
    let tenant = stage.authority.tenants()[0].tenant_id.to_string();
    let event = timeout(PATIENCE, heard(stage)).await;
    let event = event.unwrap_or_else(|_| panic!("no event came: {}", stage.cloud.log()));
    assert_eq!(event["detail-type"], "TenantConnected", "{event}");
    assert_eq!(event["detail"]["tenant_id"], tenant, "{event}");
    stage
        .story
        .seen(format!("the queue has {}", event["detail"]));
}

async fn heard(stage: &Stage) -> Value {
    let url = format!("{}/000000000000/{QUEUE}", stage.account.endpoint);
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        let ask = json!({"QueueUrl": url});
        let answer = stage
            .account
            .json("sqs", "AmazonSQS.ReceiveMessage", &ask)
            .await;
        if let Some(body) = answer["Messages"][0]["Body"].as_str() {
            return serde_json::from_str(body).unwrap();
        }
    }
}
