//! What of a window is not done, and why.

use auth::ports::Write;

use super::Halt;
use super::stop::Stop;
use crate::ports::Failure;
use crate::refusal::Refusal;
use crate::spans::Spans;

/// Contents that may fail one after another; then the rest of the window waits for the next
/// turn, which begins with others.
const MOST_IN_A_ROW: usize = 4;

/// The hours that are not finished.
#[derive(Default)]
pub(super) struct Left {
    pub(super) hours: Spans,
    /// What a content was last refused with.
    pub(super) failure: Option<Failure>,
    /// The time was over before all was fetched.
    pub(super) is_late: bool,
    in_a_row: usize,
}

impl Left {
    /// One content fails by itself. What every content would meet ends the type's turn.
    pub(super) fn failed(&mut self, failure: Failure) -> Result<(), Stop> {
        if is_of_all(failure.refusal) {
            return Err(Stop::Refused(failure));
        }
        self.failure = Some(failure);
        self.in_a_row += 1;
        Ok(())
    }

    pub(super) fn went_well(&mut self) {
        self.in_a_row = 0;
    }

    /// What was stored before the time was over is marked; then the turn ends.
    pub(super) fn in_time(&self) -> Result<(), Stop> {
        if self.is_late {
            return Err(Stop::Halt(Halt::Deadline));
        }
        Ok(())
    }

    /// So many failed one after another that the others wait.
    pub(super) fn is_enough(&self) -> bool {
        self.in_a_row >= MOST_IN_A_ROW
    }
}

/// Whether a refusal is of the token, the subscription or the tenant, not of one content.
fn is_of_all(refusal: Refusal) -> bool {
    match refusal {
        Refusal::Throttled
        | Refusal::TokenRefused
        | Refusal::RoleMissing
        | Refusal::NotSubscribed
        | Refusal::SubscriptionDisabled
        | Refusal::AuditingOff
        | Refusal::TenantGone
        | Refusal::TenantMisconfigured
        | Refusal::NoToken
        | Refusal::Paused => true,
        Refusal::AlreadyEnabled
        | Refusal::WindowRefused
        | Refusal::PageStale
        | Refusal::ContentGone
        | Refusal::AddressRefused
        | Refusal::ContentExpired
        | Refusal::RequestRefused
        | Refusal::WebhookRefused
        | Refusal::Unavailable => false,
    }
}

/// Who writes on what another run has changed stops: the other goes on.
pub(super) fn done(write: Write) -> Result<(), Stop> {
    match write {
        Write::Done => Ok(()),
        Write::Stale => Err(Stop::Halt(Halt::Raced)),
    }
}
