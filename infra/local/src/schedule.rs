//! The schedule of the refresher: EventBridge Scheduler's part on one machine. One run
//! at a time; a run that takes longer than the period delays the next.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::Clock;
use auth::refresh::RefreshReport;
use lambda::function::AnswersEvents as _;
use lambda_runtime::{Context, LambdaEvent};
use refresher::Refresher;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// What Lambda gives the refresher for a run (template.yaml).
const RUN_TIME: Duration = Duration::from_secs(240);

/// Runs the refresher now and then every `period`, until `shutdown`.
pub(crate) fn start(
    refresher: Arc<Refresher>,
    clock: Arc<dyn Clock>,
    period: Duration,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = &mut shutdown => return,
            }
            // A run that has begun is let end: it writes what it was given.
            run(&refresher, clock.as_ref()).await;
        }
    })
}

/// One run, with the event and the deadline that Lambda would hand it.
pub(crate) async fn run(refresher: &Refresher, clock: &dyn Clock) -> RefreshReport {
    let deadline = (clock.now() + RUN_TIME).unix();
    let mut context = Context::default();
    context.deadline = u64::try_from(deadline).unwrap_or(0).saturating_mul(1000);
    let event = LambdaEvent::new(json!({"source": "schedule"}), context);
    refresher.run(&event).await
}
