//! Multipart uploads: a directory for each, with the key that it is for and a file for each part.
//! Parts need not be durable: an upload ends with the process, and the whole is written again.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use futures::Stream;
use tokio::task::spawn_blocking;

use super::files::{Files, NotWritten, Unfinished, make_directory, new_file};

const KEY: &str = "key";
/// Parts but the last have at least this many bytes (S3 User Guide, "Multipart upload limits").
const LEAST: u64 = 5 * 1024 * 1024;
/// The most parts of an upload.
pub(super) const MOST: i32 = 10_000;

/// One upload.
pub(super) struct MultipartUpload {
    directory: PathBuf,
}

/// Why parts make no object.
pub(super) enum NotWhole {
    /// A part is missing, or is another one.
    Part,
    /// A part but the last is too small.
    Small,
    /// The file system's word.
    Files(io::Error),
}

/// Begins an upload; its id.
pub(super) fn begin(files: &Files, key: &str) -> io::Result<String> {
    let unfinished = files.beside()?;
    make_directory(&unfinished.0)?;
    fs::write(unfinished.0.join(KEY), key)?;
    let id = unfinished.0.file_name().and_then(|name| name.to_str());
    // Dropping it removes a file, and this is a directory.
    id.map(str::to_owned)
        .ok_or_else(|| io::Error::other("no name"))
}

/// The upload of this id; `None` where there is none for the key.
pub(super) fn find(files: &Files, id: &str, key: &str) -> Option<MultipartUpload> {
    let directory = files.unfinished(id)?;
    let of_key = fs::read_to_string(directory.join(KEY)).ok()?;
    (of_key == key).then_some(MultipartUpload { directory })
}

impl MultipartUpload {
    /// A part's file: by its number and tag, so that one that is sent again is another one.
    fn part(&self, number: i32, tag: &str) -> PathBuf {
        self.directory.join(format!("{number:05}-{tag}"))
    }

    /// Takes a part; its tag.
    pub(super) async fn receive<E>(
        &self,
        files: &Files,
        number: i32,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<String, NotWritten> {
        let received = files.receive(body).await?;
        let tag = files.unique();
        fs::rename(&received.0, self.part(number, &tag))?;
        Ok(tag)
    }

    /// All parts, one after the other, in a new place. Tags are of the client's word.
    pub(super) async fn joined(
        &self,
        files: &Files,
        parts: &[(i32, String)],
    ) -> Result<Unfinished, NotWhole> {
        let is_ours = |(_, tag): &(i32, String)| files.unfinished(tag).is_some();
        if !parts.iter().all(is_ours) {
            return Err(NotWhole::Part);
        }
        let parts = parts.iter().map(|(number, tag)| self.part(*number, tag));
        let parts: Vec<_> = parts.collect();
        let whole = files.beside().map_err(NotWhole::Files)?;
        let joined = spawn_blocking(move || join(&parts, &whole.0).map(|()| whole));
        let joined = joined.await;
        joined.unwrap_or_else(|error| Err(NotWhole::Files(io::Error::other(error))))
    }

    /// Throws it away.
    pub(super) fn remove(self) -> io::Result<()> {
        fs::remove_dir_all(self.directory)
    }
}

fn join(parts: &[PathBuf], whole: &Path) -> Result<(), NotWhole> {
    let mut to = new_file(whole).map_err(NotWhole::Files)?;
    for (at, part) in parts.iter().enumerate() {
        let mut from = File::open(part).map_err(|_| NotWhole::Part)?;
        let size = io::copy(&mut from, &mut to).map_err(NotWhole::Files)?;
        if size < LEAST && at + 1 < parts.len() {
            return Err(NotWhole::Small);
        }
    }
    Ok(())
}
