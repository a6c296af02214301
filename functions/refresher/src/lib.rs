//! The refresher: the one program that reads the certificate's key. It is deployed twice, as
//! two functions of one binary (decision 0048).
//!
//! | what | where |
//! |---|---|
//! | on a schedule it renews every token that is due, and delivers events | here |
//! | on demand it redeems codes, binds tenants and renews one token | `on_demand.rs` |
//! | by whose alias it was invoked | `invoked.rs` |
//! | the same in the process of those who ask it | `in_process.rs` |
//!
//! What is due and when is `auth::refresh`'s business; here is the event and the time
//! that Lambda leaves. The content of a schedule's event does not matter: an operator's `{}`
//! and a test's are the same. Only a request on demand is refused.

mod build;
mod in_process;
mod invoked;
mod on_demand;

use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::deliver::{Delivery, TIME_OF_A_RUN};
use auth::on_demand::request_of;
use auth::ports::Clock;
use auth::refresh::{EndedEarly, Refresh, RefreshReport};
use auth::watch::Watch;
use lambda::function::AnswersEvents;
use lambda_runtime::LambdaEvent;
use serde_json::Value;
use tracing::Span;

pub use in_process::in_process;
pub use on_demand::RefresherOnDemand;

/// Kept back from the time that Lambda leaves, for the last write and the answer.
const MARGIN: Duration = Duration::from_secs(3);

/// The function, as `main` builds it.
pub struct Refresher {
    /// The use case.
    pub refresh: Refresh,
    /// Delivers the events of the changes, when the renewals are done.
    pub delivery: Delivery,
    /// Reports on the fleet; `None` where figures are not collected.
    pub watch: Option<Watch>,
    /// For deadlines: one that is past counts as now.
    pub clock: Arc<dyn Clock>,
}

/// It never fails: what went wrong is in the report and in the log. A run that comes before it
/// is built ends at once, and the next one tries again.
impl AnswersEvents for Refresher {
    type Report = RefreshReport;

    /// By OpenTelemetry's names (FaaS spans). At the level of errors, so that no filter takes
    /// the id from a line.
    fn span(event: &LambdaEvent<Value>) -> Span {
        tracing::error_span!(
            "refresh_run",
            request_id = event.context.request_id,
            otel.kind = "server",
            faas.trigger = "timer",
        )
    }

    /// It ends cleanly before Lambda ends it; what remains is taken by the next run.
    async fn answer(&self, event: &LambdaEvent<Value>) -> RefreshReport {
        if request_of(&event.payload).is_some() {
            tracing::error!(
                event = "on_demand_refused",
                "a request on demand came to the function of the schedule: check ON_DEMAND_FUNCTION"
            );
            return RefreshReport {
                ended_early: Some(EndedEarly::NotScheduled),
                ..RefreshReport::default()
            };
        }
        self.run_until(self.deadline(event.context.deadline)).await
    }

    fn not_started(_: &LambdaEvent<Value>) -> RefreshReport {
        RefreshReport {
            ended_early: Some(EndedEarly::NotStarted),
            ..RefreshReport::default()
        }
    }
}

impl Refresher {
    async fn run_until(&self, deadline: Timestamp) -> RefreshReport {
        // Kept back from the run, however much is due: events of a bad day are wanted that day.
        let left = Duration::from_secs(self.clock.now().seconds_until(deadline));
        let of_events = TIME_OF_A_RUN.min(left / 10);
        let report = self.refresh.run(deadline - of_events).await;
        // A table that does not answer has had its line.
        if report.ended_early != Some(EndedEarly::StoreUnavailable) {
            self.delivery.all(of_events).await;
        }
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
