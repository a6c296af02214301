//! What became of an event: its line in the log, and what the function answers. Neither holds a
//! word of a key.

use auth::rotation::{Done, Drift, RotationError, Step};
use serde::Serialize;

/// What the function answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The step that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<&'static str>,
    /// `now`, or `before`: it had been done. Absent where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<&'static str>,
    /// What the daily check found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// Why it was not done, with the word for it in front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl Report {
    pub(crate) fn of_step(step: Step, done: &Result<Done, RotationError>) -> Self {
        Self {
            step: Some(step.as_str()),
            done: match done {
                Ok(Done::Now) => Some("now"),
                Ok(Done::Before) => Some("before"),
                Err(_) => None,
            },
            failure: done.as_ref().err().map(failure),
            ..Self::default()
        }
    }

    pub(crate) fn of_check(found: Result<Drift, RotationError>) -> Self {
        match found {
            Ok(drift) => Self {
                drift: Some(drift),
                ..Self::default()
            },
            Err(error) => Self {
                failure: Some(failure(&error)),
                ..Self::default()
            },
        }
    }

    pub(crate) fn not_taken() -> Self {
        Self::failing("not_an_event: neither a step of a rotation nor the daily check")
    }

    pub(crate) fn not_started() -> Self {
        Self::failing("not_started: the function could not be built, its log says why")
    }

    fn failing(reason: &str) -> Self {
        Self {
            failure: Some(reason.to_owned()),
            ..Self::default()
        }
    }

    /// One line for each event.
    pub(crate) fn log(&self) {
        let step = self.step;
        match (&self.failure, &self.drift) {
            (Some(reason), _) => tracing::error!(
                event = "rotation_failed",
                step,
                reason,
                "a step of the certificate's rotation, or the daily check, was not done"
            ),
            (None, Some(drift)) => log_drift(drift),
            (None, None) => tracing::info!(
                event = "rotation_step",
                step,
                done = self.done,
                "a step of the certificate's rotation was done"
            ),
        }
    }
}

fn failure(error: &RotationError) -> String {
    format!("{}: {error}", error.code())
}

fn log_drift(drift: &Drift) {
    tracing::info!(
        event = "credentials_checked",
        differences = drift.differences(),
        registered = drift.registered,
        unknown = drift.unknown.join(" "),
        current_missing = drift.current_missing,
        waiting = drift.waiting,
        removed = drift.removed,
        given_up = drift.given_up,
        "the application's key credentials beside the certificate's secret"
    );
}
