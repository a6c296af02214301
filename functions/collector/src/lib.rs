//! The collector: on a schedule it fetches the audit logs of connected tenants and stores them,
//! and beside that what the messages of a queue ask for. It is a caller of the vending function
//! like any other service (decision 0062).
//!
//! What is due and in which order is done is `feed::run`'s business; here is the event and the
//! time that Lambda leaves. An event of the queue has `Records`; the content of any other does not
//! matter: an operator's `{}` and a test's are the schedule's. Deployed twice, once for each of
//! the two, it does not let a full queue take the schedule's turn (decision 0065).

mod build;
mod messages;

use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::deliver::{Delivery, TIME_OF_A_RUN};
use auth::ports::{Meter, Pause};
use feed::run::{EndedEarly, Fleet, RunReport, Worked};
use lambda::function::AnswersEvents;
use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde_json::Value;
use tracing::Span;

use self::messages::Messages;

pub use self::messages::MessagesAnswer;

/// Kept back from the time that Lambda leaves, for the answer.
const MARGIN: Duration = Duration::from_secs(3);

/// The function, as `main` builds it.
pub struct Collector {
    /// The use case.
    pub fleet: Fleet,
    /// Delivers the events of audit logs, when the work is done.
    pub delivery: Delivery,
    /// Ends a run that does not end by itself.
    pub pause: Arc<dyn Pause>,
    /// Where figures go; `None` where they are not collected.
    pub meter: Option<Arc<dyn Meter>>,
}

/// What an event is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// What a scheduled run did.
    Run(Box<RunReport>),
    /// Which messages are to come again.
    Messages(MessagesAnswer),
}

impl Answer {
    /// What a run did, if it was one.
    pub fn run(self) -> Option<RunReport> {
        match self {
            Answer::Run(report) => Some(*report),
            Answer::Messages(_) => None,
        }
    }

    fn of_run(report: RunReport) -> Self {
        Answer::Run(Box::new(report))
    }
}

/// It never fails: what went wrong is in the report and in the log, and the next run tries again;
/// so does the queue with what is named in the answer.
impl AnswersEvents for Collector {
    type Report = Answer;

    /// By OpenTelemetry's names (FaaS spans). At the level of errors, so that no filter takes
    /// the id from a line.
    fn span(event: &LambdaEvent<Value>) -> Span {
        let is_queue = event.payload.get("Records").is_some();
        tracing::error_span!(
            "collector_run",
            request_id = event.context.request_id,
            otel.kind = if is_queue { "consumer" } else { "server" },
            faas.trigger = if is_queue { "pubsub" } else { "timer" },
        )
    }

    /// Ends before Lambda ends it. A run that is given up in the middle of a request loses
    /// nothing: it leaves what one that was killed leaves.
    async fn answer(&self, event: &LambdaEvent<Value>) -> Answer {
        let now = self.fleet.collector.clock.now();
        let left = time_left(now, event.context.deadline);
        let of_events = TIME_OF_A_RUN.min(left / 10);
        let time = left - of_events;
        let answer = match Messages::of(&event.payload, now) {
            Some(messages) => {
                let answer = Answer::Messages(self.work(messages, time).await);
                self.delivery.written_here(of_events).await;
                answer
            }
            None => {
                let run = in_time(self.fleet.run(time), time, &*self.pause).await;
                let report = run.unwrap_or_else(given_up);
                // A table that does not answer has had its line.
                if report.ended_early != Some(EndedEarly::StoreUnavailable) {
                    self.delivery.all(of_events).await;
                }
                Answer::of_run(report)
            }
        };
        if let Some(meter) = &self.meter {
            meter.flush();
        }
        answer
    }

    /// Of messages none is done.
    fn not_started(event: &LambdaEvent<Value>) -> Answer {
        match Messages::of(&event.payload, Timestamp::from_unix(0)) {
            Some(messages) => Answer::Messages(messages.none_done()),
            None => Answer::of_run(RunReport {
                ended_early: Some(EndedEarly::NotStarted),
                ..RunReport::default()
            }),
        }
    }
}

impl Collector {
    async fn work(&self, messages: Messages, time: Duration) -> MessagesAnswer {
        let work = self.fleet.work(&messages.readable, time);
        match in_time(work, time, &*self.pause).await {
            Some(Worked { failed, .. }) => messages.answer(&failed),
            None => {
                given_up();
                messages.none_done()
            }
        }
    }
}

/// `deadline_ms`: when Lambda ends the run, in Unix milliseconds.
fn time_left(now: Timestamp, deadline_ms: u64) -> Duration {
    let seconds = i64::try_from(deadline_ms / 1000).unwrap_or(i64::MAX);
    let left = now.seconds_until(Timestamp::from_unix(seconds));
    Duration::from_secs(left).saturating_sub(MARGIN)
}

/// What comes of it, if it ends within `time`.
async fn in_time<T>(work: impl Future<Output = T>, time: Duration, pause: &dyn Pause) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = pause.pause(time) => None,
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
        let report: Option<RunReport> = in_time(pending(), time, &pause).await;
        assert_eq!(report, None);
        assert_eq!(given_up().ended_early, Some(EndedEarly::Deadline));
        assert_eq!(*pause.asked.lock().unwrap(), [time]);
    }

    #[tokio::test]
    async fn a_run_that_ends_is_reported_as_it_says() {
        let said = RunReport {
            turns: 3,
            ..RunReport::default()
        };
        let report = in_time(ready(said.clone()), Duration::ZERO, &waits(false)).await;
        assert_eq!(report, Some(said));
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
