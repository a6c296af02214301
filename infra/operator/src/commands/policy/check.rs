//! `policy check`: whether a text would be taken. Needs no account: where
//! one is named, the stored issuers are read.

use policy::PolicyProblem;
use serde::Serialize;

use super::file::{Checked, FileArgument, lines};
use crate::output;
use crate::session::Session;

/// A text that would be taken, in JSON.
#[derive(Serialize)]
struct CheckedView<'a> {
    policies: Vec<&'a str>,
    /// SHA-256 of the text, in hexadecimal: `policy_digest` of the audit log.
    digest: &'a str,
    /// What `policy put` takes with `--confirm` alone.
    to_confirm: Vec<ProblemView<'a>>,
}

#[derive(Serialize)]
struct ProblemView<'a> {
    line: usize,
    policy: Option<&'a str>,
    code: &'static str,
    what: &'a str,
    remedy: &'a str,
}

impl<'a> From<&'a PolicyProblem> for ProblemView<'a> {
    fn from(problem: &'a PolicyProblem) -> Self {
        Self {
            line: problem.line,
            policy: problem.policy.as_deref(),
            code: problem.code,
            what: &problem.what,
            remedy: &problem.remedy,
        }
    }
}

pub(super) async fn run(
    arguments: &FileArgument,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let checked = arguments.read(&mut session).await?;
    session.print(&view(&checked), || for_a_person(&checked))
}

fn view(checked: &Checked) -> CheckedView<'_> {
    CheckedView {
        policies: checked.policies.ids().collect(),
        digest: checked.policies.digest(),
        to_confirm: checked
            .policies
            .to_confirm()
            .iter()
            .map(ProblemView::from)
            .collect(),
    }
}

fn for_a_person(checked: &Checked) -> String {
    let policies = &checked.policies;
    let ids: Vec<_> = policies.ids().collect();
    let mut text = output::fields(
        0,
        &[
            ("policies", ids.join(", ")),
            ("digest", policies.digest().to_string()),
        ],
    );
    if !policies.to_confirm().is_empty() {
        text.push_str("\n`policy put` takes this with --confirm alone:\n");
        text.push_str(&lines(policies.to_confirm()));
        text.push('\n');
    }
    text
}
