//! A stretch of time.

use serde::{Deserialize, Serialize};

/// End-exclusive, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Period {
    pub(crate) from: u64,
    /// `None` while it lasts.
    pub(crate) to: Option<u64>,
}

impl Period {
    pub(crate) fn contains(self, moment: u64) -> bool {
        self.from <= moment && self.to.is_none_or(|to| moment < to)
    }
}
