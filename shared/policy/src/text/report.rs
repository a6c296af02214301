//! The problems of a text as they are found, Cedar's own among them: each gets its line,
//! the policy's id and what to do.

use cedar_policy::{ParseErrors, ValidationWarning};
use miette::Diagnostic;

use crate::lints::Finding;
use crate::problem::{PolicyProblem, PolicyProblems, Severity};
use crate::statement::{Statement, is_id};

/// What was found so far.
pub(super) struct Report {
    /// Where the lines of the text begin.
    lines: Vec<usize>,
    problems: Vec<PolicyProblem>,
}

impl Report {
    pub(super) fn on(text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            lines: std::iter::once(0).chain(ends).collect(),
            problems: Vec::new(),
        }
    }

    /// The line of a place in the text, counted from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }

    /// What has to be confirmed; an error where something is refused.
    pub(super) fn outcome(mut self) -> Result<Vec<PolicyProblem>, PolicyProblems> {
        self.problems.sort_by_key(|problem| problem.line);
        let refused = |problem: &PolicyProblem| problem.severity == Severity::Refused;
        if self.problems.iter().any(refused) {
            Err(PolicyProblems(self.problems))
        } else {
            Ok(self.problems)
        }
    }

    pub(super) fn refuse(
        &mut self,
        line: usize,
        policy: Option<&str>,
        code: &'static str,
        what: &str,
        remedy: &str,
    ) {
        self.problems.push(PolicyProblem {
            line,
            policy: policy.and_then(own_id),
            code,
            severity: Severity::Refused,
            what: what.to_owned(),
            remedy: remedy.to_owned(),
        });
    }

    /// A text without a policy, if nothing else is wrong with it.
    pub(super) fn no_policy(&mut self) {
        if self.problems.is_empty() {
            let what = "there is no policy in it: it denies everybody";
            self.refuse(1, None, "no_policy", what, "write a permit");
            for problem in &mut self.problems {
                problem.severity = Severity::NeedsConfirmation;
            }
        }
    }

    pub(super) fn syntax(&mut self, errors: &ParseErrors) {
        for error in errors.iter() {
            let line = first_label(error).map_or(1, |at| self.line(at));
            let remedy = help(error)
                .or_else(|| label_text(error))
                .unwrap_or_else(|| "correct the syntax".to_owned());
            self.refuse(line, None, "syntax", &error.to_string(), &remedy);
        }
    }

    pub(super) fn schema(
        &mut self,
        statement: Option<&Statement>,
        diagnostic: &dyn Diagnostic,
        severity: Severity,
    ) {
        let id = statement.map(|statement| statement.id.as_str());
        let line = match first_label(diagnostic) {
            Some(at) => self.line(at),
            None => statement.map_or(1, |statement| statement.line),
        };
        let remedy = help(diagnostic).unwrap_or_else(|| {
            "see infra/policies/README.md for what policies can speak of".to_owned()
        });
        self.problems.push(PolicyProblem {
            line,
            policy: id.and_then(own_id),
            code: "schema",
            severity,
            what: without_id(&diagnostic.to_string(), id),
            remedy: without_id(&remedy, id),
        });
    }

    pub(super) fn finding(&mut self, statement: &Statement, finding: Finding) {
        self.problems.push(PolicyProblem {
            line: statement.line,
            policy: own_id(&statement.id),
            code: finding.code,
            severity: finding.severity,
            what: finding.what,
            remedy: finding.remedy,
        });
    }
}

/// Names that look like others can be somebody's real name; everything else that the
/// validator warns of is a policy that does nothing.
pub(super) fn severity(warning: &ValidationWarning) -> Severity {
    match warning {
        ValidationWarning::MixedScriptString(_)
        | ValidationWarning::MixedScriptIdentifier(_)
        | ValidationWarning::ConfusableIdentifier(_) => Severity::NeedsConfirmation,
        _ => Severity::Refused,
    }
}

/// An id that the text gave: a made-up one is no help.
fn own_id(id: &str) -> Option<String> {
    is_id(id).then(|| id.to_owned())
}

fn first_label(diagnostic: &dyn Diagnostic) -> Option<usize> {
    let mut labels = diagnostic.labels()?;
    labels.next().map(|label| label.offset())
}

fn label_text(diagnostic: &dyn Diagnostic) -> Option<String> {
    let mut labels = diagnostic.labels()?;
    labels.find_map(|label| label.label().map(str::to_owned))
}

fn help(diagnostic: &dyn Diagnostic) -> Option<String> {
    diagnostic.help().map(|help| help.to_string())
}

/// Cedar's message without the policy that our own line names.
fn without_id(message: &str, id: Option<&str>) -> String {
    let rest = id.and_then(|id| message.strip_prefix(&format!("for policy `{id}`")));
    match rest {
        Some(rest) => rest.trim_start_matches([',', ':', ' ']).to_owned(),
        None => message.to_owned(),
    }
}
