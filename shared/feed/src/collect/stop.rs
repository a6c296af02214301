//! Why something of a turn was not done.

use super::Halt;
use crate::ports::Failure;
use crate::refusal::Refusal;

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Stop {
    /// The turn is over.
    Halt(Halt),
    /// The API refuses.
    Refused(Failure),
}

impl Stop {
    /// A refusal of our own making.
    pub(super) fn refused(refusal: Refusal) -> Self {
        Stop::Refused(Failure::of(refusal))
    }
}
