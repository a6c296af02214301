//! The schedule starts the refresher, and the refresher gets the tokens that are due.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{interval, timeout};
use uuid::Uuid;

use crate::stage::{Stage, now_for_a_schedule};

/// ministack looks at its schedules every ten seconds.
const PATIENCE: Duration = Duration::from_secs(30);
const WRITES: [&str; 3] = ["PutItem", "UpdateItem", "TransactWriteItems"];
const TICK: Duration = Duration::from_millis(100);

pub(crate) async fn the_schedule_refreshes(stage: &mut Stage) {
    stage.story.act("The schedule starts the refresher");
    let schedule = schedule_of_the_stack(stage).await;
    assert_eq!(schedule["ScheduleExpression"], "rate(5 minutes)");
    assert_eq!(schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"], 0);
    stage
        .story
        .seen("the stack's schedule is rate(5 minutes), without a second try");
    stage
        .story
        .differs("a copy of it that is due now, so that nobody waits five minutes");
    let tenant = stage.authority.tenants()[0].tenant_id;
    let before = stage.authority.requests_of(tenant).await;
    run_once(stage, "now", tenant).await;
    assert_eq!(stage.authority.requests_of(tenant).await, before + 1);
    stage.story.seen(
        "ministack's scheduler started the function, which asked Entra ID once for the new \
         tenant and stored the token",
    );
}

/// Starts the target of the stack's schedule and waits until it has written what came of
/// this tenant.
pub(crate) async fn run_once(stage: &Stage, name: &str, tenant: Uuid) {
    let before = writes_about(stage, tenant);
    let schedule = schedule_of_the_stack(stage).await;
    let once = json!({
        "ScheduleExpression": format!("at({})", now_for_a_schedule()),
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": schedule["Target"],
    });
    let path = format!("/schedules/{name}");
    let body = once.to_string().into_bytes();
    let create = (Method::POST, path.as_str());
    stage.account.rest("scheduler", create, body).await;
    let written = async {
        let mut ticks = interval(TICK);
        while writes_about(stage, tenant) == before {
            ticks.tick().await;
        }
    };
    if timeout(PATIENCE, written).await.is_err() {
        panic!("nothing was written: {}", stage.cloud.log());
    }
}

async fn schedule_of_the_stack(stage: &Stage) -> Value {
    let path = format!("/schedules/{}", stage.stack().physical("RefresherSchedule"));
    let read = (Method::GET, path.as_str());
    stage.account.rest("scheduler", read, Vec::new()).await
}

/// What the refresher has written of this tenant so far.
fn writes_about(stage: &Stage, tenant: Uuid) -> usize {
    let key = format!("T#{tenant}");
    let requests = stage.recorders["refresher"].requests();
    let writes = requests.iter().filter(|request| {
        let target = request.header("x-amz-target").unwrap_or_default();
        WRITES.iter().any(|action| target.ends_with(action))
            && String::from_utf8_lossy(&request.body).contains(&key)
    });
    writes.count()
}
