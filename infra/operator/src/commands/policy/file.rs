//! A policy text that an operator names: read, and checked as the vending function checks
//! it.

use std::path::{Path, PathBuf};

use auth::caller::PrivateIssuers;
use auth::text::{printable, veiled};
use clap::Args;
use policy::{PolicyProblem, PolicySet};

use super::issuers::IssuersArgument;
use crate::console::Console;
use crate::exit::UsageError;
use crate::input::{Input, SizeLimit};
use crate::session::Session;

/// Far more than a text may have, which the check says better than we do.
const LIMIT: SizeLimit = SizeLimit {
    bytes: 1024 * 1024,
    refusal: |name| UsageError(format!("{name} is too large to be a policy text")).into(),
};

/// A command on one policy text.
#[derive(Debug, Clone, Args)]
pub struct FileArgument {
    /// The policies in Cedar; - for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which issuers are private.
    #[command(flatten)]
    pub issuers: IssuersArgument,
}

/// A text that passed the checks.
pub(super) struct Checked {
    pub(super) text: String,
    pub(super) policies: PolicySet,
}

impl FileArgument {
    /// Reads and checks the text.
    pub(super) async fn read(&self, session: &mut Session<'_, '_>) -> anyhow::Result<Checked> {
        let private = self.issuers.private(session).await?;
        read(&self.file, &private, session.console)
    }
}

/// Reads and checks the text. Every problem is printed, in the order of lines.
pub(super) fn read(
    file: &Path,
    private: &PrivateIssuers,
    console: &mut Console<'_>,
) -> anyhow::Result<Checked> {
    let Input { name, text } = Input::of_file_or_stdin(file, &LIMIT, console)?;
    check((name, text), private, console)
}

/// Checks a text that is called `name`. Every problem is printed, in the order of lines.
pub(super) fn check(
    (name, text): (String, String),
    private: &PrivateIssuers,
    console: &mut Console<'_>,
) -> anyhow::Result<Checked> {
    match PolicySet::parse_with(&text, private) {
        Ok(policies) => Ok(Checked { text, policies }),
        Err(problems) => {
            writeln!(console.err, "{}", lines(&problems.0))?;
            anyhow::bail!("{name} is not taken: mend what is listed, and check it again")
        }
    }
}

/// One line for each problem.
pub(super) fn lines(problems: &[PolicyProblem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("  {}", printable(&veiled(&problem.to_string()))))
        .collect();
    lines.join("\n")
}
