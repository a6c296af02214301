//! The refresher function: on a schedule, renews every token that is due.
//!
//! What is due and when is `auth::refresh`'s business; here is the event and the time
//! that Lambda leaves. The event's content does not matter: a schedule's, an
//! operator's `{}` and a test's are the same.

mod build;
mod start;

use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::ports::Clock;
use auth::refresh::{Refresh, RefreshReport};
use auth::watch::Watch;
use lambda_runtime::{Context, Error, LambdaEvent};
use serde_json::Value;
use tracing::{Instrument as _, Span};

pub use start::StartingRefresher;

/// Kept back from the time that Lambda leaves, for the last write and the answer.
const MARGIN: Duration = Duration::from_secs(3);

/// The function, as `main` builds it.
pub struct Refresher {
    /// The use case.
    pub refresh: Refresh,
    /// Tells of the fleet, where somebody watches.
    pub watch: Option<Watch>,
    /// How much of Lambda's time is left.
    pub clock: Arc<dyn Clock>,
}

impl Refresher {
    /// One run. It ends cleanly before Lambda ends it; what remains is taken by the
    /// next run. Never fails: what went wrong is in the report and in the log, and an
    /// error would only make Lambda run it again.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<RefreshReport, Error> {
        let span = span(&event.context);
        Ok(self.handle_within(span, &event.context).await)
    }

    async fn handle_within(&self, span: Span, context: &Context) -> RefreshReport {
        let deadline = self.deadline(context.deadline);
        self.run(deadline).instrument(span).await
    }

    async fn run(&self, deadline: Timestamp) -> RefreshReport {
        let report = self.refresh.run(deadline).await;
        if let Some(watch) = &self.watch {
            watch.after_run(&report, deadline).await;
        }
        report
    }

    /// `deadline_ms`: when Lambda ends the run, in Unix milliseconds.
    fn deadline(&self, deadline_ms: u64) -> Timestamp {
        let seconds = i64::try_from(deadline_ms / 1000).unwrap_or(i64::MAX);
        Timestamp::from_unix(seconds).max(self.clock.now()) - MARGIN
    }
}

/// The span of a run, by OpenTelemetry's names (FaaS spans). At the level of errors, so that
/// no filter takes the id from a line.
fn span(context: &Context) -> Span {
    tracing::error_span!(
        "refresh_run",
        request_id = context.request_id,
        otel.kind = "server",
        faas.trigger = "timer",
    )
}
