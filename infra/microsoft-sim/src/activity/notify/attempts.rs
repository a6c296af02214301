//! The attempts that were made: the newest of them, for the life of the process.

use std::collections::VecDeque;

use crate::activity::blob::Blob;
use crate::activity::subscription::Key;

/// So many are remembered, a content each. Assumption `list-of-notifications`.
const MOST: usize = 10_000;

/// One content in one attempt.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) number: u64,
    pub(super) key: Key,
    pub(super) blob: Blob,
    /// In Unix seconds.
    pub(super) sent_at: u64,
    /// 200 was answered.
    pub(super) is_success: bool,
}

/// The newest attempts, in their order.
#[derive(Default)]
pub(super) struct Attempts {
    newest: VecDeque<Attempt>,
    count: u64,
}

impl Attempts {
    pub(super) fn add(&mut self, key: Key, blobs: &[Blob], sent_at: u64, is_success: bool) {
        for blob in blobs {
            self.count += 1;
            self.newest.push_back(Attempt {
                number: self.count,
                key,
                blob: blob.clone(),
                sent_at,
                is_success,
            });
        }
        let over = self.newest.len().saturating_sub(MOST);
        self.newest.drain(..over);
    }

    pub(super) fn of(&self, key: Key) -> Vec<Attempt> {
        let all = self.newest.iter().filter(|attempt| attempt.key == key);
        all.cloned().collect()
    }
}
