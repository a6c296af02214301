//! The contract of the object store, to be run against everything that plays S3. Each scenario has
//! a prefix of its own, so that many can share one engine, and panics where the store does not
//! keep the contract.
//!
//! [`object_contract_tests!`](crate::object_contract_tests) makes a test of each scenario.

mod storing;
mod unfinished;

pub use storing::*;
pub use unfinished::*;

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
pub(crate) const PART: usize = 8 * 1024 * 1024;

/// A store below a prefix that no other scenario has, and the prefix.
fn fresh(engine: &impl Engine) -> (ObjectStore, String) {
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

fn facts_of(bytes: &[u8]) -> Option<(u64, [u8; 32])> {
    Some((bytes.len() as u64, sha256(bytes)))
}

/// Makes one `#[tokio::test]` of each scenario. The argument is the path of an `async fn` without
/// arguments whose result is an [`Engine`](crate::object_contract::Engine).
#[macro_export]
macro_rules! object_contract_tests {
    ($engine:path) => {
        $crate::object_contract_tests! { $engine;
            an_object_of_any_size_is_stored_once
            the_first_of_two_objects_of_a_key_stays
            of_eight_writers_at_once_one_stores
            of_four_writers_of_parts_at_once_one_stores
            a_key_is_taken_as_it_is
            a_prefix_sets_objects_apart
            an_object_that_is_not_there_has_no_facts
            a_missing_bucket_is_an_operators_business
            an_object_is_not_seen_before_it_is_whole
            what_is_aborted_leaves_nothing
            parts_of_an_object_that_is_there_leave_nothing
        }
    };
    ($engine:path; $($scenario:ident)+) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $scenario() {
            let engine = $engine().await;
            $crate::object_contract::$scenario(&engine).await;
        }
    )+ };
}
