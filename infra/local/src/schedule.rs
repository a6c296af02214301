//! The schedules of refresher and collector: EventBridge Scheduler's part on one machine. One run
//! of each at a time; a run that takes longer than the period delays the next.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::Clock;
use lambda::function::AnswersEvents;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// What Lambda gives a run, at least (template.yaml).
const RUN_TIME: Duration = Duration::from_secs(240);

/// What becomes of a run that has begun when the end comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtTheEnd {
    /// It is let end: it writes what it was given.
    Waited,
    /// It is given up: it can take minutes, and the next start goes on where it was.
    GivenUp,
}

/// Runs the function now and then every `period`, until `shutdown`.
pub(crate) fn start<F: AnswersEvents>(
    function: Arc<F>,
    clock: Arc<dyn Clock>,
    (period, at_the_end): (Duration, AtTheEnd),
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
            let run = run(function.as_ref(), clock.as_ref());
            if at_the_end == AtTheEnd::Waited {
                run.await;
                continue;
            }
            tokio::select! {
                _ = run => {}
                () = &mut shutdown => return,
            }
        }
    })
}

/// One run, with the event and the deadline that Lambda would hand it.
pub(crate) async fn run<F: AnswersEvents>(function: &F, clock: &dyn Clock) -> F::Report {
    let event = LambdaEvent::new(json!({"source": "schedule"}), context(clock));
    function.run(&event).await
}

/// With the deadline of Lambda's.
pub(crate) fn context(clock: &dyn Clock) -> Context {
    let deadline = (clock.now() + RUN_TIME).unix();
    let mut context = Context::default();
    context.deadline = u64::try_from(deadline).unwrap_or(0).saturating_mul(1000);
    context
}
