//! The rotator: Secrets Manager's rotation function for the certificate, and once a day the look
//! at what Entra ID holds beside what the secret holds.
//!
//! What a step does is `auth::rotation`'s business; here are the events, the time that Lambda
//! leaves, one line of the log and one figure for each. A step that was not done ends with an
//! error: Secrets Manager looks for it, and begins again.

mod build;
mod report;

use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::metric::Metric;
use auth::ports::{Clock, Meter};
use auth::rotation::{Rotation, RotatorEvent, StepRequest};
use lambda::function::AnswersEvents;
use lambda_runtime::LambdaEvent;
use serde_json::Value;
use tracing::Span;

pub use report::Report;

/// Kept back from the time that Lambda leaves, for the last write and the answer.
const MARGIN: Duration = Duration::from_secs(5);

/// The function, as `main` builds it.
pub struct Rotator {
    /// The use case.
    pub rotation: Rotation,
    /// For deadlines.
    pub clock: Arc<dyn Clock>,
    /// Where figures go; `None` where they are not collected.
    pub meter: Option<Arc<dyn Meter>>,
}

impl AnswersEvents for Rotator {
    type Report = Report;

    fn span(event: &LambdaEvent<Value>) -> Span {
        tracing::error_span!(
            "rotation",
            request_id = event.context.request_id,
            otel.kind = "server",
            faas.trigger = "other",
        )
    }

    async fn answer(&self, event: &LambdaEvent<Value>) -> Report {
        let time_left = self.time_left(event.context.deadline);
        let report = match RotatorEvent::read(&event.payload) {
            Some(RotatorEvent::Step(request)) => self.step(&request, time_left).await,
            Some(RotatorEvent::Check) => self.check().await,
            None => Report::not_taken(),
        };
        report.log();
        self.measure(&report);
        report
    }

    fn not_started(_: &LambdaEvent<Value>) -> Report {
        Report::not_started()
    }

    fn failed(report: &Report) -> Option<String> {
        report.failure.clone()
    }
}

impl Rotator {
    async fn step(&self, request: &StepRequest, time_left: Duration) -> Report {
        let done = self.rotation.step(request, time_left).await;
        Report::of_step(request.step, &done)
    }

    async fn check(&self) -> Report {
        Report::of_check(self.rotation.check().await)
    }

    fn measure(&self, report: &Report) {
        let Some(meter) = &self.meter else {
            return;
        };
        if report.failure.is_some() {
            meter.record(Metric::RotationsFailed, 1);
        }
        if let Some(drift) = &report.drift {
            let differences = u64::try_from(drift.differences()).unwrap_or(u64::MAX);
            meter.record(Metric::CredentialDrift, differences);
        }
        meter.flush();
    }

    /// `deadline_ms`: when Lambda ends the request, in Unix milliseconds.
    fn time_left(&self, deadline_ms: u64) -> Duration {
        let seconds = i64::try_from(deadline_ms / 1000).unwrap_or(i64::MAX);
        let deadline = Timestamp::from_unix(seconds);
        Duration::from_secs(self.clock.now().seconds_until(deadline)).saturating_sub(MARGIN)
    }
}
