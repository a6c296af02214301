//! The object store, and how what goes into it is compressed.

use async_trait::async_trait;

use crate::object_key::Format;

/// Why an object was not stored, or cannot be looked at.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ObjectError {
    /// Throttled, timed out or out of reach; worth another try.
    #[error("the object store cannot be reached at the moment: {0}")]
    Unavailable(String),
    /// The bucket is missing, full or read-only, or a permission is: an operator has to act.
    #[error("the object store cannot be used: {0}")]
    Broken(String),
}

/// What became of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "an object that was there already may have other bytes"]
pub enum Put {
    /// It is durable.
    Stored,
    /// There is an object of this key, and it was left alone: S3's 412. Its 409, where another
    /// write is under way, is [`ObjectError::Unavailable`]: that one may yet fail.
    Existed,
}

/// An object that is being written. Dropped or aborted, nothing of it can be seen. What a run
/// that dies has uploaded in parts, the bucket's lifecycle rule for incomplete uploads clears.
#[async_trait]
pub trait Upload: Send {
    /// The next bytes. At most one part is held in memory (8 MiB).
    async fn write(&mut self, bytes: &[u8]) -> Result<(), ObjectError>;

    /// Makes it durable and seen, if there is no object of its key (`If-None-Match: *`).
    async fn finish(self: Box<Self>) -> Result<Put, ObjectError>;

    /// Throws it away.
    async fn abort(self: Box<Self>);
}

/// The object store.
///
/// Failure policy: an error leaves no object, or a whole one of which nothing is known; doing
/// it again then says [`Put::Existed`]. The caller compares what is there with what it made, and
/// writes other bytes under another key.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Begins an object under this key, below the prefix of the setting.
    async fn begin(&self, key: &str) -> Result<Box<dyn Upload>, ObjectError>;

    /// Size and SHA-256 of an object, by reading it; `None` where there is none.
    async fn facts(&self, key: &str) -> Result<Option<(u64, [u8; 32])>, ObjectError>;
}

/// One compressed stream. Cannot fail: it works in memory.
pub trait Encoder: Send {
    /// Compresses `bytes`, and appends what comes out of it by now.
    fn write(&mut self, bytes: &[u8], out: &mut Vec<u8>);

    /// Appends the rest.
    fn finish(self: Box<Self>, out: &mut Vec<u8>);
}

/// How objects are compressed. The same bytes give the same object: no name and no time in it.
pub trait Encoding: Send + Sync {
    /// A new stream of this format: the setting's, or an older one of a batch that was listed.
    fn begin(&self, format: Format) -> Box<dyn Encoder>;
}
