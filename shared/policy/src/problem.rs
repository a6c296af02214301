//! What is wrong with a policy text: all of it at once, each with its line, the policy
//! and what to do. Some of it an operator may confirm, because it can be meant so.

use std::fmt;

/// Whether a problem can be meant so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The text is not taken.
    Refused,
    /// The text is taken if the operator says that this is meant.
    NeedsConfirmation,
}

/// One problem of a policy text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblem {
    /// The line of the text, counted from 1.
    pub line: usize,
    /// The `@id` of the policy, where it is about one that has an id.
    pub policy: Option<String>,
    /// A stable word for scripts, such as `permits_everyone`.
    pub code: &'static str,
    /// Whether it can be confirmed.
    pub severity: Severity,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(policy) = &self.policy {
            write!(f, ", policy {policy}")?;
        }
        write!(f, ": {}; {}", self.what, self.remedy)?;
        match self.severity {
            Severity::Refused => Ok(()),
            Severity::NeedsConfirmation => f.write_str(" (or confirm it)"),
        }
    }
}

/// Why a policy text is not taken: every problem of it, in the order of lines, at least
/// one of them [`Severity::Refused`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblems(pub Vec<PolicyProblem>);

impl PolicyProblems {
    /// A text with one problem that keeps it from being read any further.
    pub(crate) fn one(line: usize, code: &'static str, what: String, remedy: &str) -> Self {
        Self(vec![PolicyProblem {
            line,
            policy: None,
            code,
            severity: Severity::Refused,
            what,
            remedy: remedy.to_owned(),
        }])
    }
}

impl fmt::Display for PolicyProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyProblems {}
