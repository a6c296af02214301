//! A list of issuers that an operator names: read, and checked as the vending function checks
//! `VENDING_ISSUERS`.

use std::path::PathBuf;

use auth::caller::{InvalidIssuers, IssuerEntry, allowed_issuers, entries_from_json};
use auth::text::{printable, veiled};
use clap::Args;

use crate::console::Console;
use crate::exit::UsageError;
use crate::input::{Input, SizeLimit};

/// More than the longest list has.
const LIMIT: SizeLimit = SizeLimit {
    bytes: 1024 * 1024,
    refusal: |name| UsageError(format!("{name} is too large to be a list of issuers")).into(),
};

/// A command on one list of issuers.
#[derive(Debug, Clone, Args)]
pub struct FileArgument {
    /// The issuers as JSON: [{"issuer": URL, "audience": text}, …]; - for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

impl FileArgument {
    /// Reads and checks the list. Every problem is printed.
    pub(super) fn read(&self, console: &mut Console<'_>) -> anyhow::Result<Vec<IssuerEntry>> {
        let Input { name, text } = Input::of_file_or_stdin(&self.file, &LIMIT, console)?;
        let entries = entries_from_json(&text);
        let checked = entries.and_then(|entries| allowed_issuers(&entries).map(|_| entries));
        match checked {
            Ok(entries) => Ok(entries),
            Err(problems) => {
                print(&problems, console)?;
                anyhow::bail!("{name} is not taken: mend what is listed, and check it again")
            }
        }
    }
}

/// One line for each problem.
pub(super) fn print(problems: &InvalidIssuers, console: &mut Console<'_>) -> anyhow::Result<()> {
    for problem in &problems.0 {
        writeln!(
            console.err,
            "  {}",
            printable(&veiled(&problem.to_string()))
        )?;
    }
    Ok(())
}
