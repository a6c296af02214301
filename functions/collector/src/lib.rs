//! The collector: on a schedule it fetches the audit logs of connected tenants and stores them.
//! It is a caller of the vending function like any other service (decision 0062).
//!
//! What is due and in which order is done is `feed::run`'s business; here is the event and the
//! time that Lambda leaves. The content of an event does not matter: an operator's `{}` and a
//! test's are the schedule's.

mod build;

use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::ports::{Meter, Pause};
use feed::run::{EndedEarly, Fleet, RunReport};
use lambda::function::AnswersEvents;
use lambda_runtime::LambdaEvent;
use serde_json::Value;
use tracing::Span;

/// Kept back from the time that Lambda leaves, for the answer.
const MARGIN: Duration = Duration::from_secs(3);

/// The function, as `main` builds it.
pub struct Collector {
    /// The use case.
    pub fleet: Fleet,
    /// Ends a run that does not end by itself.
    pub pause: Arc<dyn Pause>,
    /// Where figures go; `None` where they are not collected.
    pub meter: Option<Arc<dyn Meter>>,
}

/// It never fails: what went wrong is in the report and in the log, and the next run tries again.
impl AnswersEvents for Collector {
    type Report = RunReport;

    /// By OpenTelemetry's names (FaaS spans). At the level of errors, so that no filter takes
    /// the id from a line.
    fn span(event: &LambdaEvent<Value>) -> Span {
        tracing::error_span!(
            "collector_run",
            request_id = event.context.request_id,
            otel.kind = "server",
            faas.trigger = "timer",
        )
    }

    /// Ends before Lambda ends it. A run that is given up in the middle of a request loses
    /// nothing: it leaves what one that was killed leaves.
    async fn answer(&self, event: &LambdaEvent<Value>) -> RunReport {
        let time = time_left(self.fleet.collector.clock.now(), event.context.deadline);
        let report = in_time(self.fleet.run(time), time, &*self.pause).await;
        if let Some(meter) = &self.meter {
            meter.flush();
        }
        report
    }

    fn not_started() -> RunReport {
        RunReport {
            ended_early: Some(EndedEarly::NotStarted),
            ..RunReport::default()
        }
    }
}

/// `deadline_ms`: when Lambda ends the run, in Unix milliseconds.
fn time_left(now: Timestamp, deadline_ms: u64) -> Duration {
    let seconds = i64::try_from(deadline_ms / 1000).unwrap_or(i64::MAX);
    let left = now.seconds_until(Timestamp::from_unix(seconds));
    Duration::from_secs(left).saturating_sub(MARGIN)
}

/// What the run reports, if it ends within `time`.
async fn in_time(
    run: impl Future<Output = RunReport>,
    time: Duration,
    pause: &dyn Pause,
) -> RunReport {
    tokio::select! {
        report = run => report,
        () = pause.pause(time) => given_up(),
    }
}

fn given_up() -> RunReport {
    tracing::error!(
        event = "feed_run_given_up",
        "a run of the collector did not end in its time, and was given up"
    );
    RunReport {
        ended_early: Some(EndedEarly::Deadline),
        ..RunReport::default()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;

    /// Remembers what it was asked for, and is over at once, or never.
    struct Waits {
        over: bool,
        asked: Mutex<Vec<Duration>>,
    }

    #[async_trait]
    impl Pause for Waits {
        async fn pause(&self, time: Duration) {
            self.asked.lock().unwrap().push(time);
            if !self.over {
                pending::<()>().await;
            }
        }
    }

    fn waits(over: bool) -> Waits {
        Waits {
            over,
            asked: Mutex::default(),
        }
    }

    #[tokio::test]
    async fn a_run_that_does_not_end_is_given_up_at_the_end_of_its_time() {
        let (pause, time) = (waits(true), Duration::from_secs(267));
        let report = in_time(pending(), time, &pause).await;
        assert_eq!(report.ended_early, Some(EndedEarly::Deadline));
        assert_eq!(*pause.asked.lock().unwrap(), [time]);
    }

    #[tokio::test]
    async fn a_run_that_ends_is_reported_as_it_says() {
        let said = RunReport {
            turns: 3,
            ..RunReport::default()
        };
        let report = in_time(ready(said.clone()), Duration::ZERO, &waits(false)).await;
        assert_eq!(report, said);
    }

    #[test]
    fn a_run_has_what_lambda_leaves_it_less_the_margin_and_never_less_than_nothing() {
        let now = Timestamp::from_unix(1_000);
        let rows = [
            (0, 0),
            (1, 0),
            (999_999, 0),
            (1_000_000, 0),
            (1_001_000, 0),
            (1_003_000, 0),
            (1_003_999, 0),
            (1_004_000, 1),
            (1_028_000, 25),
            (1_270_000, 267),
        ];
        for (deadline_ms, seconds) in rows {
            let left = time_left(now, deadline_ms);
            assert_eq!(left, Duration::from_secs(seconds), "{deadline_ms}");
        }
    }
}
