//! Files of the data directory: read as JSON, or made once. Written beside their
//! place and renamed, so that a run that is killed leaves no half of a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use auth::secret::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{DataError, damaged};

/// Any permission of the group or of others.
#[cfg(unix)]
const GROUP_AND_OTHERS: u32 = 0o077;

/// Makes a directory that only its owner can read; gives its absolute path.
pub(super) fn make_directory(path: &Path) -> Result<PathBuf, DataError> {
    if !path.is_dir() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(DataError::at(path))?;
    }
    path.canonicalize().map_err(DataError::at(path))
}

/// Whether there is nothing in a directory.
pub(super) fn is_empty(path: &Path) -> Result<bool, DataError> {
    let mut entries = fs::read_dir(path).map_err(DataError::at(path))?;
    Ok(entries.next().is_none())
}

/// Takes away what others may do with a directory or file that an earlier version, or who
/// copied it, left open to them. What is not there, or is a link to another place, stays
/// as it is.
pub(super) fn tighten(path: &Path) -> Result<(), DataError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(DataError::at(path)(error)),
        };
        let mode = metadata.permissions().mode();
        if !metadata.is_symlink() && mode & GROUP_AND_OTHERS != 0 {
            let owners = fs::Permissions::from_mode(mode & !GROUP_AND_OTHERS);
            fs::set_permissions(path, owners).map_err(DataError::at(path))?;
        }
    }
    Ok(())
}

/// Opens a file for its owner only, and makes it where there is none. What is in it stays.
pub(super) fn open_or_make(path: &Path) -> Result<File, DataError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(DataError::at(path))
}

/// Removes a file, if there is one.
pub(super) fn remove(path: &Path) -> Result<(), DataError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DataError::at(path)(error)),
        _ => Ok(()),
    }
}

/// The file's content as text; `None` when it is not there.
pub(super) fn read_text(path: &Path) -> Result<Option<String>, DataError> {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| damaged(path, "it is not text")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DataError::at(path)(error)),
    }
}

/// The same of a file with a key, which its owner alone may be able to read.
pub(super) fn read_private(path: &Path) -> Result<Option<SecretString>, DataError> {
    let text = read_text(path)?.map(SecretString::from);
    #[cfg(unix)]
    if text.is_some() {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(path).map_err(DataError::at(path))?;
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
    /// Everybody who gets into the directory.
    Anybody,
}

/// Writes a file whole.
pub(super) fn write(path: &Path, content: &[u8], readers: Readers) -> Result<(), DataError> {
    write_beside(path, content, readers).map_err(DataError::at(path))
}

fn write_beside(path: &Path, content: &[u8], readers: Readers) -> io::Result<()> {
    let beside = path.with_added_extension("new");
    // What a run that was killed left there may have another mode.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
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
    fn mode(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[cfg(unix)]
    fn open_to(path: &Path, mode: u32) {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(path, permissions).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_readable_by_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.json");
        // Of a run that was killed.
        let left = directory.path().join("secret.json.new");
        fs::write(&left, "half").unwrap();
        open_to(&left, 0o666);
        read_or_make::<String>(&path, || Ok("x".to_owned())).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert!(!left.exists());
    }

    #[cfg(unix)]
    #[test]
    fn what_others_may_do_is_taken_away_and_nothing_else() {
        let rows = [
            (0o777, 0o700),
            (0o755, 0o700),
            (0o750, 0o700),
            (0o701, 0o700),
            (0o666, 0o600),
            (0o644, 0o600),
            (0o640, 0o600),
            (0o604, 0o600),
            (0o602, 0o600),
            (0o440, 0o400),
            (0o600, 0o600),
            (0o700, 0o700),
            (0o400, 0o400),
        ];
        let root = tempfile::tempdir().unwrap();
        for (before, after) in rows {
            let (file, directory) = (root.path().join("file"), root.path().join("directory"));
            fs::write(&file, "x").unwrap();
            fs::create_dir(&directory).unwrap();
            for path in [&file, &directory] {
                open_to(path, before);
                tighten(path).unwrap();
                assert_eq!(mode(path), after, "{before:o}");
            }
            fs::remove_file(&file).unwrap();
            fs::remove_dir(&directory).unwrap();
        }
        // Another place, and none.
        let (outside, link) = (root.path().join("outside"), root.path().join("link"));
        fs::write(&outside, "x").unwrap();
        open_to(&outside, 0o644);
        std::os::unix::fs::symlink(&outside, &link).unwrap();
        tighten(&link).unwrap();
        assert_eq!(mode(&outside), 0o644);
        tighten(&root.path().join("nothing")).unwrap();
    }
}
