//! The stack's schedules, of which a copy is due when an act wants it.

use std::time::Duration;

use auth::ports::Clock as _;
use aws::SystemClock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::Stage;

/// ministack looks at its schedules every ten seconds.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// `name`: the schedule's in the template.
pub(super) async fn is_every_five_minutes(stage: &Stage, name: &str) {
    let schedule = of_the_stack(stage, name).await;
    assert_eq!(schedule["ScheduleExpression"], "rate(5 minutes)");
    assert_eq!(schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"], 0);
    stage
        .story
        .seen("the stack's schedule is rate(5 minutes), without a second try");
    stage
        .story
        .differs("a copy of it that is due now, so that nobody waits five minutes");
}

/// Has the scheduler start the target of this schedule now, by a schedule called `copy`.
pub(super) async fn is_due_now(stage: &Stage, name: &str, copy: &str) {
    let schedule = of_the_stack(stage, name).await;
    let now = SystemClock.now().to_string();
    let once = json!({
        "ScheduleExpression": format!("at({})", now.trim_end_matches('Z')),
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": schedule["Target"],
    });
    let path = format!("/schedules/{copy}");
    let create = (Method::POST, path.as_str());
    let body = once.to_string().into_bytes();
    stage.account.rest("scheduler", create, body).await;
}

async fn of_the_stack(stage: &Stage, name: &str) -> Value {
    let path = format!("/schedules/{}", stage.stack().physical(name));
    let read = (Method::GET, path.as_str());
    stage.account.rest("scheduler", read, Vec::new()).await
}
