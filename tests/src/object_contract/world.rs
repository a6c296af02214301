//! What every scenario starts from: an engine, a prefix of its own, and bytes to store.

use auth::digest::sha256;
use auth::ports::random_text;
use aws::{Connection, ObjectStore, SystemRandom};
use feed::ports::{ObjectError, Objects as _, Put, Upload};

/// What plays S3.
pub trait Engine {
    /// The way to it.
    fn connection(&self) -> &Connection;

    /// A bucket that is there.
    fn bucket(&self) -> &str;

    /// How many uploads of keys with this prefix are not whole, and take room.
    fn unfinished(&self, prefix: &str) -> impl Future<Output = usize>;
}

/// The size of a part.
pub(super) const PART: usize = 8 * 1024 * 1024;

/// A store below a prefix that no other scenario has, and the prefix.
pub(super) fn fresh(engine: &impl Engine) -> (ObjectStore, String) {
    let prefix = format!("contract-{}", random_text::<12>(&SystemRandom));
    let store = engine.connection().objects(engine.bucket(), &prefix);
    (store, prefix)
}

/// Bytes that differ from part to part.
pub fn bytes(size: usize, seed: u8) -> Vec<u8> {
    let at = |at: usize| (at % 251) as u8 ^ (at / PART) as u8 ^ seed;
    (0..size).map(at).collect()
}

/// An upload that has taken these bytes, in pieces as they come from a compressor.
pub async fn begun(store: &ObjectStore, key: &str, bytes: &[u8]) -> Box<dyn Upload> {
    let mut upload = store.begin(key).await.unwrap();
    for piece in bytes.chunks(100_003) {
        upload.write(piece).await.unwrap();
    }
    upload
}

/// The same, whole.
pub async fn put(store: &ObjectStore, key: &str, bytes: &[u8]) -> Result<Put, ObjectError> {
    begun(store, key, bytes).await.finish().await
}

pub(super) fn facts_of(bytes: &[u8]) -> Option<(u64, [u8; 32])> {
    Some((bytes.len() as u64, sha256(bytes)))
}
