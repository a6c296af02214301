//! A policy text that an operator names: read, and checked as the vending function checks
//! it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context as _;
use auth::caller::PrivateIssuers;
use auth::text::{decoded, printable, shown_path, veiled};
use policy::{PolicyProblem, PolicySet};

use crate::UsageError;
use crate::console::Console;

/// Far more than a text may have, which the check says better than we do.
const MAX_BYTES: u64 = 1024 * 1024;

/// A text that passed the checks.
pub(super) struct Checked {
    pub(super) text: String,
    pub(super) policies: PolicySet,
}

/// Reads and checks the text. Every problem is told, in the order of lines.
pub(super) fn read(
    file: &Path,
    private: &PrivateIssuers,
    console: &mut Console<'_>,
) -> anyhow::Result<Checked> {
    let name = match file.as_os_str() == "-" {
        true => "standard input".to_owned(),
        false => shown_path(file).to_string(),
    };
    let bytes = match file.as_os_str() == "-" {
        true => limited(&mut *console.piped),
        false => File::open(file).and_then(limited),
    };
    let bytes = bytes.with_context(|| format!("{name} cannot be read"))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(UsageError(format!("{name} is too large to be a policy text")).into());
    }
    let text = decoded(&bytes).with_context(|| name.clone())?;
    match PolicySet::parse_with(&text, private) {
        Ok(policies) => Ok(Checked { text, policies }),
        Err(problems) => {
            writeln!(console.err, "{}", lines(&problems.0))?;
            anyhow::bail!("{name} is not taken: mend what is listed, and check it again")
        }
    }
}

fn limited(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// One line for each problem.
pub(super) fn lines(problems: &[PolicyProblem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("  {}", printable(&veiled(&problem.to_string()))))
        .collect();
    lines.join("\n")
}
