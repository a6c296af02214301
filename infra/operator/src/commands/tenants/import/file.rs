//! The file of an import as text, and in which format it is.

use std::path::Path;

use clap::ValueEnum;

use crate::console::Console;
use crate::exit::UsageError;
use crate::input::{Input, SizeLimit, is_stdin, name_of};

/// Far more than the rows that are allowed; a larger file is another file.
const LIMIT: SizeLimit = SizeLimit {
    bytes: 64 * 1024 * 1024,
    refusal: |name| anyhow::anyhow!("{name} is larger than 64 MiB: split it"),
};

/// How the rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A header and a line for each tenant.
    Csv,
    /// An array of objects.
    Json,
}

/// Reads the file, or standard input. `named`: the format, where the command line names it.
pub(super) fn read(
    file: &Path,
    named: Option<Format>,
    console: &mut Console<'_>,
) -> anyhow::Result<(Format, Input)> {
    let format = match named {
        Some(format) => format,
        None => format_of(file)?,
    };
    Ok((format, Input::of_file_or_stdin(file, &LIMIT, console)?))
}

/// The format that the file's name says.
fn format_of(file: &Path) -> Result<Format, UsageError> {
    let extension = file.extension().unwrap_or_default();
    let extension = extension.to_string_lossy().to_ascii_lowercase();
    match extension.as_str() {
        "csv" => Ok(Format::Csv),
        "json" => Ok(Format::Json),
        _ if is_stdin(file) => Err(UsageError(
            "standard input does not tell its format: add --format csv or --format json".to_owned(),
        )),
        _ => Err(UsageError(format!(
            "{} ends neither in .csv nor in .json: add --format csv or --format json",
            name_of(file)
        ))),
    }
}
