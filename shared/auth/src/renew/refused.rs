//! A refusal in the light of the record: since when its tenant looks revoked, and whether
//! that is believed.
//!
//! Entra ID answers 700016, and a token without roles, now and then for healthy tenants.
//! So the first such answer since the last token is a suspicion, written into the record;
//! any other one, of whatever number, that comes long enough after it confirms it. Only a
//! token clears it: an outage in between says nothing of the tenant.

use std::time::Duration;

use crate::cause::Cause;
use crate::ports::AuthorityError;
use crate::schedule::longest_wait;
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// An attempt that was refused, judged.
pub(super) struct Refused {
    pub(super) cause: Cause,
    pub(super) retry_after: Option<Duration>,
    pub(super) correlation_id: Option<String>,
    /// The first refusal since the last token that reads as a revocation.
    pub(super) suspected_at: Option<Timestamp>,
    /// This one is such a refusal, too, and came long enough after it.
    pub(super) confirmed: bool,
    confirm_after: Duration,
}

impl Refused {
    pub(super) fn judged(
        record: &TokenRecord,
        (asked_at, error): (Timestamp, &AuthorityError),
        confirm_after: Duration,
    ) -> Self {
        let cause = error.cause.with_what_is_known(record.cause.as_ref());
        let reads_as_revocation = cause.code.is_revocation();
        // A clock that was set back makes no mark of the future.
        let known = record.suspected_at.map(|at| at.min(asked_at));
        let waited = known.is_some_and(|at| at.seconds_until(asked_at) >= confirm_after.as_secs());
        Self {
            suspected_at: known.or(reads_as_revocation.then_some(asked_at)),
            confirmed: reads_as_revocation && waited,
            cause: cause.clone(),
            retry_after: error.retry_after,
            correlation_id: error.correlation_id.clone(),
            confirm_after,
        }
    }

    pub(super) fn reads_as_revocation(&self) -> bool {
        self.cause.code.is_revocation()
    }

    /// It reads as a revocation and is not believed yet.
    pub(super) fn is_suspicion(&self) -> bool {
        self.reads_as_revocation() && !self.confirmed
    }

    /// A suspicion is looked at again at the latest when it can be confirmed.
    pub(super) fn longest_wait(&self, record: &TokenRecord, now: Timestamp) -> Duration {
        let usual = longest_wait(self.cause.code, record.status, record.failures);
        match self.suspected_at.filter(|_| self.is_suspicion()) {
            Some(at) => {
                let left = now.seconds_until(at + self.confirm_after);
                usual.min(Duration::from_secs(left))
            }
            None => usual,
        }
    }
}
