//! What a run does with one tenant.

use auth::{TenantId, Timestamp};

use super::known::{Known, Task};
use crate::due::Due;

/// A tenant and what is to be done with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) tenant: TenantId,
    pub(super) shard: u32,
    /// As the index has it.
    pub(super) due: Due,
    pub(super) task: Task,
}

/// A tenant whose turn ended before its work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backlog {
    pub(super) job: Job,
    pub(super) known: Known,
    /// The oldest second that waits.
    pub(super) oldest: Option<Timestamp>,
}
