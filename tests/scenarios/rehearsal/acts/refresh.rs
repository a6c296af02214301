//! The schedule starts the refresher, and the refresher gets the tokens that are due.

use std::time::Duration;

use tokio::time::{interval, timeout};
use uuid::Uuid;

use super::schedule::{self, PATIENCE};
use crate::stage::Stage;

const SCHEDULE: &str = "RefresherSchedule";
const WRITES: [&str; 3] = ["PutItem", "UpdateItem", "TransactWriteItems"];
const TICK: Duration = Duration::from_millis(100);

pub(crate) async fn the_schedule_refreshes(stage: &mut Stage) {
    stage.story.act("The schedule starts the refresher");
    schedule::is_every_five_minutes(stage, SCHEDULE).await;
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
    schedule::is_due_now(stage, SCHEDULE, name).await;
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
