//! Files of the data directory: read whole, replaced atomically.
//!
//! A file is written beside its place, synced and renamed, mode 0600 (it may
//! hold a private key or client secrets), in a directory of mode 0700. A file that cannot
//! be understood is reported by path and left exactly as it is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Why the data directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file exists but cannot be understood. It has not been touched: repair
    /// it, or move it away to start again.
    #[error("{} is damaged and was left untouched: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No key or identifier could be made.
    #[error("no key could be made: {0}")]
    Randomness(#[from] crate::platform::RandomnessFailed),
}

/// The file's content; `None` where there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, OpenError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(OpenError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Makes the directory where it is missing, for its owner only.
pub(crate) fn make_directory(path: &Path) -> Result<(), OpenError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| OpenError::File {
        path: path.to_owned(),
        source,
    })
}

/// Replaces the file as one step: readers see the old content or the new.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), OpenError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    write_synced(&beside, content)
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|source| OpenError::File {
            path: path.to_owned(),
            source,
        })
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    // A leftover of an interrupted write may have another mode.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = create_private(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_is_private_and_leaves_nothing_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("made/here");
        make_directory(&directory).unwrap();
        let path = directory.join("key.pem");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();

        assert_eq!(read(&path).unwrap().unwrap(), b"two");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(&directory)), (0o600, 0o700));
        }
    }
}
