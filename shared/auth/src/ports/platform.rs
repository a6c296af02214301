//! Time and chance.

use crate::timestamp::Timestamp;

/// The one source of "now".
pub trait Clock: Send + Sync {
    /// The present second. Cannot fail: a machine without a clock does not start.
    fn now(&self) -> Timestamp;
}

/// The one source of randomness; must be cryptographically secure.
pub trait Random: Send + Sync {
    /// Fills `buffer`. Cannot fail: a machine without entropy must stop, not go on.
    fn fill(&self, buffer: &mut [u8]);
}
