//! When keys were added: with the fault `key_lag` the token endpoint knows them later. In memory,
//! as no fault outlives the process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// SHA-1 of a certificate, and from which second on the token endpoint knows it.
#[derive(Default)]
pub(crate) struct AddedKeys(Mutex<HashMap<Vec<u8>, u64>>);

impl AddedKeys {
    pub(super) fn note(&self, sha1: Vec<u8>, known_from: u64) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(sha1, known_from);
    }

    /// Whether the token endpoint does not know it yet.
    pub(crate) fn is_on_its_way(&self, sha1: &[u8], now: u64) -> bool {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(sha1).is_some_and(|known_from| now < *known_from)
    }
}
