//! Secrets of one machine: one file each, in one directory, readable by its owner
//! only; the value before the current one, where there is one, in `{name}.previous`. A
//! file that others may read is not used, and the error says how to mend it. A file is
//! written beside its place and renamed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use auth::ports::{SecretError, SecretSink, SecretSource, Write, short_secret_name};
use auth::secret::{ExposeSecret as _, SecretString};
use auth::text::{decoded, shown_path};

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
        let (path, name) = (self.path(name)?, name.to_owned());
        aside(move || read(&path, &name)).await
    }

    async fn read_previous(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        match self.read(&previous(name)).await {
            Ok(text) => Ok(Some(text)),
            Err(SecretError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl SecretSink for SecretFiles {
    async fn write(&self, name: &str, value: &SecretString) -> Result<(), SecretError> {
        let (path, before) = (self.path(name)?, self.path(&previous(name))?);
        let (name, value) = (name.to_owned(), value.clone());
        aside(move || {
            check_text(value.expose_secret().to_owned(), &path, &name)?;
            // The one before first: killed in between, nothing is lost.
            match read(&path, &name) {
                Ok(current) => replace(&before, &name, &current)?,
                Err(SecretError::Missing { .. }) => {}
                Err(error) => return Err(error),
            }
            replace(&path, &name, &value)
        })
        .await
    }

    async fn write_first(&self, name: &str, value: &SecretString) -> Result<Write, SecretError> {
        let path = self.path(name)?;
        let (name, value) = (name.to_owned(), value.clone());
        aside(move || {
            check_text(value.expose_secret().to_owned(), &path, &name)?;
            place_first(&path, &name, &value)
        })
        .await
    }
}

impl SecretFiles {
    fn path(&self, name: &str) -> Result<PathBuf, SecretError> {
        match is_plain(name) {
            true => Ok(self.directory.join(name)),
            false => Err(unusable(
                name,
                "a secret's file has a name of letters, digits, '.', '_' and '-'",
            )),
        }
    }
}

/// Where the value before the current one is.
fn previous(name: &str) -> String {
    format!("{name}.previous")
}

/// Work on files, away from the threads that answer requests.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        // Only a panic inside `work` ends here.
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
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
        return Err(SecretError::unusable(
            name,
            format_args!("{} is no file", shown_path(path)),
        ));
    }
    check_readers(&metadata, path, name)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    // UTF-16 has two bytes for each of a secret's characters.
    file.take(2 * SECRET_MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| not_opened(path, name, &error))?;
    let text = decoded(&bytes).map_err(|error| {
        SecretError::unusable(name, format_args!("{}: {error}", shown_path(path)))
    })?;
    check_text(text, path, name)
}

fn check_text(mut text: String, path: &Path, name: &str) -> Result<SecretString, SecretError> {
    if text.len() > SECRET_MAX_BYTES {
        return Err(SecretError::unusable(
            name,
            format_args!("{} is too long", shown_path(path)),
        ));
    }
    // An editor's last line break is no part of a secret.
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    match text.trim().is_empty() {
        true => Err(SecretError::unusable(
            name,
            format_args!("{} is empty", shown_path(path)),
        )),
        false => Ok(text.into()),
    }
}

/// A reader of `path` finds the old file or the new one, whole.
fn replace(path: &Path, name: &str, value: &SecretString) -> Result<(), SecretError> {
    by_way_of(path, value, |beside| fs::rename(beside, path))
        .map_err(|error| not_written(path, name, &error))
}

/// The same where there must be none: a name is given to a file once, a rename would put
/// one file in another's place.
fn place_first(path: &Path, name: &str, value: &SecretString) -> Result<Write, SecretError> {
    let placed = by_way_of(path, value, |beside| {
        fs::hard_link(beside, path)?;
        fs::remove_file(beside)
    });
    match placed {
        Ok(()) => Ok(Write::Done),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.exists() => {
            Ok(Write::Stale)
        }
        Err(error) => Err(not_written(path, name, &error)),
    }
}

/// Writes a file beside `path` and lets `place` put it there.
fn by_way_of(
    path: &Path,
    value: &SecretString,
    place: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let beside = path.with_added_extension(format!("{}.new", std::process::id()));
    let done = write_new(&beside, value.expose_secret().as_bytes()).and_then(|()| place(&beside));
    done.inspect_err(|_| {
        // What stands there is no secret that anybody reads, but it is one.
        let _ = fs::remove_file(&beside);
    })
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
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
            &format!("others may read it: chmod 600 {}", shown_path(path)),
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
            name: short_secret_name(name),
            hint: format!("expected in the file {}", shown_path(path)),
        },
        kind => SecretError::unusable(name, format_args!("{}: {kind}", shown_path(path))),
    }
}

fn not_written(path: &Path, name: &str, error: &io::Error) -> SecretError {
    let reason = format!("{} cannot be written: {}", shown_path(path), error.kind());
    unusable(name, &reason)
}

fn unusable(name: &str, reason: &str) -> SecretError {
    SecretError::unusable(name, reason)
}
