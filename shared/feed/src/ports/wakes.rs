//! The queue, for those who put something on it.

use async_trait::async_trait;

use crate::wake::Wake;

/// What was to be sent may not have been.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WakeError {
    /// Throttled, timed out or out of reach; worth another try.
    #[error("the queue cannot be reached at the moment: {0}")]
    Unavailable(String),
    /// The queue is missing, or a permission is: an operator has to act.
    #[error("the queue cannot be used: {0}")]
    Broken(String),
}

/// Wakes the workers.
///
/// Failure policy: after an error some of the messages may have been sent, and sending them
/// again is harmless. One that is lost costs time and no record: the ledger knows what is due.
#[async_trait]
pub trait Wakes: Send + Sync {
    /// Sends these, each at least once, in no order. None is no request.
    async fn send(&self, wakes: &[Wake]) -> Result<(), WakeError>;
}
