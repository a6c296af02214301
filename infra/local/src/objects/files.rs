//! Objects as files: written beside their place, made durable and then put there in one step, so
//! that a file below the directory is a whole object, whenever the machine stops.
//!
//! "If there is none" is a hard link, which the file system makes for one of two writers alone.
//! What is not whole yet lies in `.uploads`; no key has a part that begins with a dot.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auth::ports::{Random, random_text};
use axum::body::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;

const UPLOADS: &str = ".uploads";
/// Of a name in it: 12 random bytes in base64url.
const NAME_LENGTH: usize = 16;

/// A directory of objects. Cheap to clone.
#[derive(Clone)]
pub(super) struct Files {
    root: PathBuf,
    random: Arc<dyn Random>,
}

/// Why nothing was written.
pub(super) enum NotWritten {
    /// The file system's word.
    Files(io::Error),
    /// The body ended early, or is other than its signature says.
    Body,
}

impl From<io::Error> for NotWritten {
    fn from(error: io::Error) -> Self {
        NotWritten::Files(error)
    }
}

/// Whether an object took its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    Done,
    /// There is one already, which is durable.
    Existed,
}

impl Files {
    /// Clears what a run that was killed left.
    pub(super) fn open(root: &Path, random: Arc<dyn Random>) -> io::Result<Self> {
        let files = Self {
            root: root.canonicalize()?,
            random,
        };
        match fs::remove_dir_all(files.uploads()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(files),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the directory is there: a person may have moved it away.
    pub(super) fn is_there(&self) -> bool {
        self.root.is_dir()
    }

    /// Where the object of a key lies; `None` for a key that is no path below the directory.
    pub(super) fn path(&self, key: &str) -> Option<PathBuf> {
        let is_name = |part: &str| !part.is_empty() && !part.starts_with('.');
        let fits = key.split('/').all(is_name) && !key.contains(['\0', '\\', ':']);
        fits.then(|| self.root.join(key))
    }

    /// Text that no other has.
    pub(super) fn unique(&self) -> String {
        random_text::<12>(self.random.as_ref())
    }

    /// A place of this name among what is not whole yet. `None`: we make no such name.
    pub(super) fn unfinished(&self, name: &str) -> Option<PathBuf> {
        let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let is_name = name.len() == NAME_LENGTH && name.bytes().all(is_ours);
        is_name.then(|| self.uploads().join(name))
    }

    fn uploads(&self) -> PathBuf {
        self.root.join(UPLOADS)
    }

    /// A new place for what is not whole yet.
    pub(super) fn beside(&self) -> io::Result<Unfinished> {
        make_directory(&self.uploads())?;
        Ok(Unfinished(self.uploads().join(self.unique())))
    }

    /// Writes a body to a new place.
    pub(super) async fn receive<E>(
        &self,
        mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Unfinished, NotWritten> {
        let unfinished = self.beside()?;
        let file = new_file(&unfinished.0)?;
        let mut file = tokio::fs::File::from_std(file);
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|_| NotWritten::Body)?;
            file.write_all(&piece).await?;
        }
        file.flush().await?;
        Ok(unfinished)
    }

    /// Puts what was written in its place, durable. `is_only_new`: if there is none.
    pub(super) async fn place(
        &self,
        unfinished: Unfinished,
        to: PathBuf,
        is_only_new: bool,
    ) -> io::Result<Placed> {
        let root = self.root.clone();
        let placed = spawn_blocking(move || {
            File::open(&unfinished.0)?.sync_all()?;
            put(&unfinished, &root, &to, is_only_new)
        });
        placed.await.map_err(io::Error::other)?
    }
}

fn put(from: &Unfinished, root: &Path, to: &Path, is_only_new: bool) -> io::Result<Placed> {
    let directories: Vec<&Path> = to
        .ancestors()
        .skip(1)
        .take_while(|directory| directory.starts_with(root))
        .collect();
    for directory in directories.iter().rev().skip(1) {
        make_directory(directory)?;
    }
    let placed = if is_only_new {
        match fs::hard_link(&from.0, to) {
            Ok(()) => Placed::Done,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Placed::Existed,
            Err(error) => return Err(error),
        }
    } else {
        fs::rename(&from.0, to)?;
        Placed::Done
    };
    // Each, and also where the file is another writer's, which may not have come so far.
    for directory in directories {
        File::open(directory)?.sync_all()?;
    }
    Ok(placed)
}

/// For its owner only, as all in the data directory. One that is there is as good.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// For its owner only.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A file that is not whole yet; gone when this is.
pub(super) struct Unfinished(pub(super) PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // One that was renamed is not there any more.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_path_below_the_directory_or_none() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::open(directory.path(), Arc::new(aws::SystemRandom)).unwrap();
        let root = directory.path().canonicalize().unwrap();
        let good = [
            "a",
            "a/b",
            "tenant=1/type=Audit.Exchange/day=2026-11-30/06-a.json.gz",
            "a..b/c...",
            "ü/ /%2e%2e",
        ];
        for key in good {
            assert_eq!(files.path(key), Some(root.join(key)), "{key}");
        }
        let bad = [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/..",
            "a/../../b",
            "a/./b",
            ".uploads/a",
            "a/.hidden",
            "a\0b",
            "a\\..\\b",
            "C:/a",
        ];
        for key in bad {
            assert_eq!(files.path(key), None, "{key}");
        }
        for name in [
            "",
            "a",
            "../../etc/passwd",
            "aaaaaaaa/aaaaaaa",
            "aaaaaaaaaaaaaaa.",
        ] {
            assert_eq!(files.unfinished(name), None, "{name}");
        }
        assert!(files.unfinished(&files.unique()).is_some());
    }
}
