//! Files of the data directory: read as JSON, or made once. Written beside their
//! place and renamed, so that a run that is killed leaves no half of a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use auth::secret::SecretString;
use auth::text::shown_path;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why the data directory cannot be used. Every variant names what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    /// The system refuses.
    #[error("{}: {source}: check the path and its permissions", shown_path(path))]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There, but not what it should be.
    #[error(
        "{} is damaged and was left as it was: {reason}. Repair it, or move it away to have a new one made",
        shown_path(path)
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, without a word of its content.
        reason: String,
    },
    /// The key of the CA. Moved away alone, it would leave a certificate that nobody can
    /// sign for.
    #[error(
        "{} cannot be used and was left as it was: {reason}. Put the right file back, or move \
         what there is of ca-key.pem and ca.pem away to have a new CA made, which everybody has to trust anew",
        shown_path(path)
    )]
    AuthorityKey {
        /// Its file.
        path: PathBuf,
        /// What is wrong, without a word of its content.
        reason: &'static str,
    },
    /// A key that is no secret any more.
    #[error("{} can be read by others and was left as it was: chmod 600 {}", shown_path(.0), shown_path(.0))]
    Readable(PathBuf),
    /// Begun with another application, or with the simulator.
    #[error(
        "{} was begun with another application or authority: choose another directory with --data-dir",
        shown_path(.0)
    )]
    OtherApplication(PathBuf),
    /// Another run holds it.
    #[error(
        "{} is in use by another run: stop that one, or choose another directory with --data-dir",
        shown_path(.0)
    )]
    InUse(PathBuf),
}

/// Makes a directory that only its owner can read; gives its absolute path.
pub(super) fn make_directory(path: &Path) -> Result<PathBuf, DataError> {
    let failed = |source| DataError::File {
        path: path.to_owned(),
        source,
    };
    if !path.is_dir() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(failed)?;
    }
    path.canonicalize().map_err(failed)
}

pub(super) fn open_lock(path: &Path) -> Result<File, DataError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    options.open(path).map_err(|source| DataError::File {
        path: path.to_owned(),
        source,
    })
}

/// The file's content as text; `None` when it is not there.
pub(super) fn read_text(path: &Path) -> Result<Option<String>, DataError> {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| damaged(path, "it is not text")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DataError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The same of a file with a key, which nobody but its owner may be able to read.
pub(super) fn read_private(path: &Path) -> Result<Option<SecretString>, DataError> {
    let text = read_text(path)?.map(SecretString::from);
    #[cfg(unix)]
    if text.is_some() {
        use std::os::unix::fs::PermissionsExt as _;
        /// Any permission of the group or of others.
        const GROUP_AND_OTHERS: u32 = 0o077;
        let metadata = fs::metadata(path).map_err(|source| DataError::File {
            path: path.to_owned(),
            source,
        })?;
        if metadata.permissions().mode() & GROUP_AND_OTHERS != 0 {
            return Err(DataError::Readable(path.to_owned()));
        }
    }
    Ok(text)
}

/// Reads a JSON file, or makes it with `make` at the first start.
pub(super) fn read_or_make<T: Serialize + DeserializeOwned>(
    path: &Path,
    make: impl FnOnce() -> Result<T, String>,
) -> Result<T, DataError> {
    match read_text(path)? {
        Some(text) => serde_json::from_str(&text)
            .map_err(|_| damaged(path, "it is not the JSON that it should be")),
        None => {
            let made = make().map_err(|reason| damaged(path, &reason))?;
            write_json(path, &made)?;
            Ok(made)
        }
    }
}

/// Writes a value as JSON, readable by the owner only.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), DataError> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|_| damaged(path, "it cannot be written as JSON"))?;
    write(path, text.as_bytes(), Readers::Owner)
}

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Its owner only.
    Owner,
    /// Whoever gets into the directory.
    Anybody,
}

/// Writes a file whole.
pub(super) fn write(path: &Path, content: &[u8], readers: Readers) -> Result<(), DataError> {
    write_beside(path, content, readers).map_err(|source| DataError::File {
        path: path.to_owned(),
        source,
    })
}

fn write_beside(path: &Path, content: &[u8], readers: Readers) -> io::Result<()> {
    let beside = path.with_added_extension("new");
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Anybody => 0o644,
    };
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let mut file = options.open(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

pub(super) fn damaged(path: &Path, reason: &str) -> DataError {
    DataError::Damaged {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_named_and_left_as_it_was() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("application.json");
        fs::write(&path, "{ damaged").unwrap();
        let outcome = read_or_make::<String>(&path, || Ok("new".to_owned()));
        let message = outcome.unwrap_err().to_string();
        assert!(message.contains("application.json"), "{message}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "{ damaged");
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.json");
        read_or_make::<String>(&path, || Ok("x".to_owned())).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
