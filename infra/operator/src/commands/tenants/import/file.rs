//! The file of an import as text: where it comes from, in which format, and that it can
//! be read at all.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context as _;
use auth::text::{decoded, shown_path};
use clap::ValueEnum;

use super::ImportArguments;
use crate::UsageError;
use crate::console::Console;

/// Far more than the rows that are allowed; a larger file is another file.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// How the rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A header and a line for each tenant.
    Csv,
    /// An array of objects.
    Json,
}

/// A file that was read.
#[derive(Debug)]
pub(super) struct Source {
    /// What it is called in messages.
    pub(super) name: String,
    pub(super) format: Format,
    pub(super) text: String,
}

/// Reads the file, or standard input.
pub(super) fn read(
    arguments: &ImportArguments,
    console: &mut Console<'_>,
) -> anyhow::Result<Source> {
    let is_input = arguments.file == Path::new("-");
    let name = match is_input {
        true => "standard input".to_owned(),
        false => shown_path(&arguments.file).to_string(),
    };
    let format = format(arguments, is_input, &name)?;
    let bytes = match is_input {
        true => read_input(console),
        false => File::open(&arguments.file).and_then(limited),
    };
    let bytes = bytes.with_context(|| format!("{name} cannot be read"))?;
    if bytes.len() as u64 > MAX_BYTES {
        anyhow::bail!("{name} is larger than 64 MiB: split it");
    }
    Source::of(&name, format, &bytes)
}

impl Source {
    pub(super) fn of(name: &str, format: Format, bytes: &[u8]) -> anyhow::Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            format,
            text: decoded(bytes).with_context(|| name.to_owned())?,
        })
    }
}

fn format(arguments: &ImportArguments, is_input: bool, name: &str) -> Result<Format, UsageError> {
    if let Some(format) = arguments.format {
        return Ok(format);
    }
    let extension = arguments.file.extension().unwrap_or_default();
    let extension = extension.to_string_lossy().to_ascii_lowercase();
    match extension.as_str() {
        "csv" => Ok(Format::Csv),
        "json" => Ok(Format::Json),
        _ if is_input => Err(UsageError(
            "standard input does not tell its format: add --format csv or --format json".to_owned(),
        )),
        _ => Err(UsageError(format!(
            "{name} ends neither in .csv nor in .json: add --format csv or --format json"
        ))),
    }
}

/// What a person types, or what is piped in.
fn read_input(console: &mut Console<'_>) -> io::Result<Vec<u8>> {
    match &mut console.person {
        Some(person) => limited(person),
        None => limited(&mut *console.piped),
    }
}

fn limited(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
