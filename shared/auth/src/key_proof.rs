//! The proof of a caller by its key.
//!
//! What the table says of a key is believed for `max_state_age` and no longer: for so
//! long a warm function can still take a key that was removed. Refusals are remembered
//! for the same time, apart from the keys that hold, so that a flood of wrong keys pushes
//! no right one out. Fails closed: without the table nobody is proven anew.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use moka::sync::Cache;

use crate::caller::{Caller, CallerKey, CallerName, KeyHash, StoredKey};
use crate::memory::Digest;
use crate::ports::{CallerKeys, CallerProof, Clock, ProofError, StoreError, Write};
use crate::timestamp::Timestamp;

/// A use is noted when the last one noted is older than this.
const NOTED_EVERY: Duration = Duration::from_secs(60 * 60);
/// Keys that hold and are remembered, at most, and refusals, at most; a deployment has dozens
/// of keys. An entry is a digest, a time and what the cache keeps (400 bytes): 10,000 take
/// 4.5 MB.
const REMEMBERED_MAX: u64 = 10_000;

/// Checks callers' keys. The SHA-256 of a whole key, its name with it, finds what is remembered:
/// the time of a look-up says nothing of another key.
pub struct KeyProof {
    keys: Arc<dyn CallerKeys>,
    clock: Arc<dyn Clock>,
    max_state_age: Duration,
    proven: Cache<Digest, Timestamp>,
    refused: Cache<Digest, Timestamp>,
}

/// Why a key proved nobody.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeyProofError {
    /// It is no key of ours. The text may be shown to the caller: it repeats the name that the
    /// key itself has, and does not say whether there is a key of that name.
    #[error("{0}")]
    Refused(Cow<'static, str>),
    /// The table does not answer; worth another try.
    #[error("the caller key cannot be checked at the moment: {0}")]
    Unavailable(#[from] StoreError),
}

/// The same words for a name that has no key and for a key that is another's.
fn unknown(name: &CallerName) -> KeyProofError {
    KeyProofError::Refused(
        format!("the caller key of {name} is not known: it was removed, or it never was one")
            .into(),
    )
}

fn malformed(unverified_key: &str) -> KeyProofError {
    KeyProofError::Refused(match CallerKey::claimed_name(unverified_key) {
        Some(name) => format!(
            "the caller key of {name} has not the form of one: it is cut off, or was changed"
        )
        .into(),
        None => "the caller key has not the form of one".into(),
    })
}

impl KeyProof {
    /// With an empty memory. `max_state_age`: `VEND_STATE_MAX_AGE_SECONDS`.
    pub fn new(keys: Arc<dyn CallerKeys>, clock: Arc<dyn Clock>, max_state_age: Duration) -> Self {
        Self {
            keys,
            clock,
            max_state_age,
            proven: Cache::new(REMEMBERED_MAX),
            refused: Cache::new(REMEMBERED_MAX),
        }
    }

    /// The caller that `unverified_key` proves. Reads the table once at most. A name without a
    /// key takes the same work as a wrong key: one read, one comparison, one note.
    pub async fn verify(&self, unverified_key: &str) -> Result<Caller, KeyProofError> {
        let key: CallerKey = unverified_key
            .parse()
            .map_err(|_| malformed(unverified_key))?;
        let (hash, now) = (key.hash(), self.clock.now());
        if let Some(remembered) = self.remembered(&key, &hash, now) {
            return remembered;
        }
        let found = self.keys.find_key(key.name()).await?;
        let expected = found.as_ref().map(|stored| stored.hash);
        let fits = expected.unwrap_or(KeyHash::OF_NO_KEY).matches(&hash);
        match found.filter(|_| fits) {
            Some(stored) => {
                self.proven.insert(*hash.as_bytes(), now);
                self.note_use(&stored, now).await;
                Ok(Caller::Key { name: stored.name })
            }
            None => {
                self.refused.insert(*hash.as_bytes(), now);
                Err(unknown(key.name()))
            }
        }
    }

    fn remembered(
        &self,
        key: &CallerKey,
        hash: &KeyHash,
        now: Timestamp,
    ) -> Option<Result<Caller, KeyProofError>> {
        let digest = hash.as_bytes();
        let fresh =
            |at: Timestamp| at <= now && at.seconds_until(now) < self.max_state_age.as_secs();
        if let Some(at) = self.proven.get(digest) {
            if fresh(at) {
                let name = key.name().clone();
                return Some(Ok(Caller::Key { name }));
            }
            self.proven.invalidate(digest);
        }
        let refused = self.refused.get(digest).is_some_and(fresh);
        refused.then(|| Err(unknown(key.name())))
    }

    /// Only for the operator's eyes: a note that fails keeps nobody from a token.
    async fn note_use(&self, stored: &StoredKey, now: Timestamp) {
        let lately = stored
            .last_used_at
            .is_some_and(|at| at.seconds_until(now) < NOTED_EVERY.as_secs());
        if lately {
            return;
        }
        match self.keys.touch_key(stored, now).await {
            // Another process noted it, or the key was removed a moment ago.
            Ok(Write::Done | Write::Stale) => {}
            Err(error) => tracing::warn!(
                event = "caller_key_use_not_noted", caller = %stored.name, %error,
                "the use of caller key {} was not noted", stored.name
            ),
        }
    }
}

#[async_trait]
impl CallerProof for KeyProof {
    async fn verify(&self, unverified: &str) -> Result<Caller, ProofError> {
        KeyProof::verify(self, unverified)
            .await
            .map_err(|error| match error {
                KeyProofError::Refused(reason) => ProofError::Refused(reason),
                KeyProofError::Unavailable(_) => {
                    ProofError::Unavailable("the caller key cannot be checked at the moment")
                }
            })
    }
}
