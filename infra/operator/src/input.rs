//! A text that an operator names as a file: where it comes from, what messages call it, and
//! that it can be read.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context as _;
use auth::text::{decoded, shown_path};

use crate::console::Console;

/// A text that was read.
#[derive(Debug)]
pub(crate) struct Input {
    /// What messages call it.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// How large a text may be.
pub(crate) struct SizeLimit {
    pub(crate) bytes: u64,
    /// The refusal of a larger one of that name.
    pub(crate) refusal: fn(&str) -> anyhow::Error,
}

impl Input {
    /// Reads a file.
    pub(crate) fn of_file(file: &Path) -> anyhow::Result<Self> {
        let name = shown_path(file).to_string();
        let bytes = fs::read(file).with_context(|| format!("{name} cannot be read"))?;
        Self::of(name, &bytes)
    }

    /// Reads a file, or standard input for `-`.
    pub(crate) fn of_file_or_stdin(
        file: &Path,
        limit: &SizeLimit,
        console: &mut Console<'_>,
    ) -> anyhow::Result<Self> {
        let name = name_of(file);
        let bytes = if is_stdin(file) {
            limited(console.input(), limit)
        } else {
            File::open(file).and_then(|file| limited(file, limit))
        };
        let bytes = bytes.with_context(|| format!("{name} cannot be read"))?;
        if bytes.len() as u64 > limit.bytes {
            return Err((limit.refusal)(&name));
        }
        Self::of(name, &bytes)
    }

    /// The text of some bytes.
    pub(crate) fn of(name: String, bytes: &[u8]) -> anyhow::Result<Self> {
        let text = decoded(bytes).with_context(|| name.clone())?;
        Ok(Self { name, text })
    }
}

/// What messages call a file.
pub(crate) fn name_of(file: &Path) -> String {
    if is_stdin(file) {
        return "standard input".to_owned();
    }
    shown_path(file).to_string()
}

/// Whether standard input is meant.
pub(crate) fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// One byte more than the limit shows that there is more.
fn limited(source: impl Read, limit: &SizeLimit) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(limit.bytes + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
