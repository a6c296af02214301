//! Secrets of one machine: one file each, in one directory, readable by its owner
//! only; the value before the current one, where there is one, in `{name}.previous`. A
//! file that others may read is not used, and the error says how to mend it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use auth::ports::{SecretError, SecretSource};
use auth::secret::SecretString;

use super::SECRET_MAX_BYTES;

/// A directory of secrets.
#[derive(Debug, Clone)]
pub struct SecretFiles {
    directory: PathBuf,
}

impl SecretFiles {
    /// Reads `{directory}/{name}`.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }
}

#[async_trait]
impl SecretSource for SecretFiles {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        if !is_plain(name) {
            let reason = "a secret's file has a name of letters, digits, '.', '_' and '-'";
            return Err(unusable(name, reason));
        }
        let (path, name) = (self.directory.join(name), name.to_owned());
        let reading = tokio::task::spawn_blocking(move || read(&path, &name));
        match reading.await {
            Ok(outcome) => outcome,
            // Only a panic inside `read` ends here.
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }

    async fn read_previous(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        match self.read(&format!("{name}.previous")).await {
            Ok(text) => Ok(Some(text)),
            Err(SecretError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// No separator and no leading dot: a name cannot lead out of the directory.
fn is_plain(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(allowed)
}

fn read(path: &Path, name: &str) -> Result<SecretString, SecretError> {
    let file = File::open(path).map_err(|error| not_opened(path, name, &error))?;
    // Asked of the open file: the path may mean another one a moment later.
    let metadata = file
        .metadata()
        .map_err(|error| not_opened(path, name, &error))?;
    if !metadata.is_file() {
        return Err(unusable(name, &format!("{} is no file", path.display())));
    }
    check_readers(&metadata, path, name)?;
    let mut text = String::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.take(SECRET_MAX_BYTES as u64 + 1)
        .read_to_string(&mut text)
        .map_err(|error| not_opened(path, name, &error))?;
    check_text(text, path, name)
}

fn check_text(mut text: String, path: &Path, name: &str) -> Result<SecretString, SecretError> {
    if text.len() > SECRET_MAX_BYTES {
        return Err(unusable(name, &format!("{} is too long", path.display())));
    }
    // An editor's last line break is no part of a secret.
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    match text.trim().is_empty() {
        true => Err(unusable(name, &format!("{} is empty", path.display()))),
        false => Ok(text.into()),
    }
}

#[cfg(unix)]
fn check_readers(metadata: &std::fs::Metadata, path: &Path, name: &str) -> Result<(), SecretError> {
    use std::os::unix::fs::MetadataExt as _;
    /// Any permission of the group or of others.
    const GROUP_AND_OTHERS: u32 = 0o077;
    match metadata.mode() & GROUP_AND_OTHERS {
        0 => Ok(()),
        _ => Err(unusable(
            name,
            &format!("others may read it: chmod 600 {}", path.display()),
        )),
    }
}

#[cfg(not(unix))]
fn check_readers(_: &std::fs::Metadata, _: &Path, _: &str) -> Result<(), SecretError> {
    Ok(())
}

fn not_opened(path: &Path, name: &str, error: &io::Error) -> SecretError {
    match error.kind() {
        io::ErrorKind::NotFound => SecretError::Missing {
            name: name.to_owned(),
            hint: format!("expected in the file {}", path.display()),
        },
        io::ErrorKind::InvalidData => {
            unusable(name, &format!("{} is not UTF-8 text", path.display()))
        }
        kind => unusable(name, &format!("{}: {kind}", path.display())),
    }
}

fn unusable(name: &str, reason: &str) -> SecretError {
    SecretError::Unusable {
        name: name.to_owned(),
        reason: reason.to_owned(),
    }
}
