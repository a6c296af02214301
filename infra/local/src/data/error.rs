//! What is wrong with a data directory, in words for the person who started the run.

use std::io;
use std::path::{Path, PathBuf};

use auth::text::shown_path;

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
    /// The key of the CA. Moved away alone, it would leave a certificate that no key can
    /// sign for.
    #[error(
        "{} cannot be used and was left as it was: {reason}. Put the right file back, or move \
         what there is of ca-key.pem and ca.pem away to have a new CA made, which everybody has to trust again",
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

impl DataError {
    /// What the system refuses at `path`.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::File {
            path: path.to_owned(),
            source,
        }
    }
}

pub(super) fn damaged(path: &Path, reason: &str) -> DataError {
    DataError::Damaged {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}
