//! A check, how it ended, and how that looks.

use std::fmt::Display;

use serde::Serialize;

use crate::output::wrapped;

/// Where details begin.
const INDENT: usize = 9 + 14;

/// A check in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    /// What was looked at.
    pub(super) check: &'static str,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub(super) enum Outcome {
    /// It is well.
    Passed { detail: String },
    /// It is not. `next_step`: what to do.
    Failed { detail: String, next_step: String },
    /// It was not looked at: it is not set up, or depends on what failed.
    Skipped { detail: String },
}

impl Outcome {
    pub(super) fn passed(detail: impl Display) -> Self {
        let detail = detail.to_string();
        Self::Passed { detail }
    }

    pub(super) fn failed(detail: impl Display, next_step: impl Display) -> Self {
        Self::Failed {
            detail: detail.to_string(),
            next_step: next_step.to_string(),
        }
    }

    pub(super) fn skipped(detail: impl Display) -> Self {
        let detail = detail.to_string();
        Self::Skipped { detail }
    }

    pub(super) fn of(self, check: &'static str) -> Check {
        Check {
            check,
            outcome: self,
        }
    }

    pub(super) fn has_passed(&self) -> bool {
        matches!(self, Self::Passed { .. })
    }

    pub(super) fn has_failed(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }
}

impl Check {
    /// One line; two of what failed. `width`: of the terminal.
    pub(super) fn line(&self, width: Option<usize>) -> String {
        let (word, detail) = match &self.outcome {
            Outcome::Passed { detail } => ("passed", detail),
            Outcome::Failed { detail, .. } => ("FAILED", detail),
            Outcome::Skipped { detail } => ("skipped", detail),
        };
        let next = match &self.outcome {
            Outcome::Failed { next_step, .. } => {
                let next_step = wrapped(next_step, width, INDENT);
                format!("{:9}{:<14}{next_step}\n", "", "what to do")
            }
            _ => String::new(),
        };
        let detail = wrapped(detail, width, INDENT);
        format!("{word:<9}{:<14}{detail}\n{next}", self.check)
    }
}
