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
        let time = self.time_left(event.context.deadline);
        let report = tokio::select! {
            report = self.fleet.run(time) => report,
            () = self.pause.pause(time) => given_up(),
        };
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

impl Collector {
    /// `deadline_ms`: when Lambda ends the run, in Unix milliseconds.
    fn time_left(&self, deadline_ms: u64) -> Duration {
        let seconds = i64::try_from(deadline_ms / 1000).unwrap_or(i64::MAX);
        let now = self.fleet.collector.clock.now();
        let left = now.seconds_until(Timestamp::from_unix(seconds));
        Duration::from_secs(left).saturating_sub(MARGIN)
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
