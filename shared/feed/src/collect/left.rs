//! What of a window is not done, and why.

use auth::ports::Write;

use super::Halt;
use super::session::Stop;
use crate::ports::Failure;
use crate::refusal::Refusal;
use crate::spans::Spans;

/// Contents of a window that may fail by themselves; after that it is the API that fails.
const MOST_FAILURES: usize = 3;

/// The hours that are not finished.
#[derive(Default)]
pub(super) struct Left {
    pub(super) hours: Spans,
    pub(super) failures: Vec<Failure>,
}

impl Left {
    /// One content fails by itself. What every content would meet ends the type's turn.
    pub(super) fn failed(&mut self, failure: Failure) -> Result<(), Stop> {
        let is_its_own = matches!(
            failure.refusal,
            Refusal::Unavailable | Refusal::RequestRefused
        );
        if !is_its_own || self.failures.len() >= MOST_FAILURES {
            return Err(Stop::Refused(failure));
        }
        self.failures.push(failure);
        Ok(())
    }
}

/// Who writes on what another run has changed stops: the other goes on.
pub(super) fn done(write: Write) -> Result<(), Stop> {
    match write {
        Write::Done => Ok(()),
        Write::Stale => Err(Stop::Halt(Halt::Raced)),
    }
}
