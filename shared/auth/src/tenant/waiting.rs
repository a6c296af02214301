//! A propagating tenant, in one story for callers, operators and admins: what it waits for,
//! that somebody need not act, and when the broker looks again. Where somebody has to act
//! all the same (a permission of the wrong kind, an API that is missing), its cause says so.

use std::fmt;

use super::status::TenantStatus;
use super::stored::Tenant;
use crate::cause::{Cause, Fault};
use crate::timestamp::Timestamp;

/// A tenant whose admin has consented and whose permissions have not arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Entra ID is not asked before this; none where that is over or was never said.
    next_attempt_at: Option<Timestamp>,
}

impl Waiting {
    /// Of a tenant with this status and cause; `None` where it waits for nothing, or
    /// somebody has to act. `next_attempt_at`: of the record that the cause is about.
    pub fn of(
        status: TenantStatus,
        cause: Option<&Cause>,
        next_attempt_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Self> {
        let comes = |cause: &Cause| cause.code.is_on_its_way();
        let waits = status == TenantStatus::Propagating && cause.is_none_or(comes);
        waits.then(|| Self {
            next_attempt_at: next_attempt_at.filter(|at| *at > now),
        })
    }

    /// Entra ID is not asked before this.
    pub fn next_attempt_at(self) -> Option<Timestamp> {
        self.next_attempt_at
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "An admin has consented, and Microsoft is still passing the permissions on: usually \
             for some minutes, at times for hours. There is nothing to do for now. This service \
             asks again ",
        )?;
        match self.next_attempt_at {
            Some(at) => write!(f, "at {at} or some minutes later."),
            None => f.write_str("within some minutes."),
        }
    }
}

impl Tenant {
    /// Whose turn it is: of a tenant that only waits, Microsoft's; else as its cause says.
    pub fn fault(&self) -> Option<Fault> {
        let cause = self.cause.as_ref();
        // At what time it is asked for again changes nothing of that.
        match Waiting::of(self.status, cause, None, self.since) {
            Some(_) => Some(Fault::Microsoft),
            None => cause.map(|cause| cause.code.fault()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::CauseCode;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    #[test]
    fn only_what_comes_by_itself_is_waited_for() {
        use CauseCode as C;
        use TenantStatus as S;
        let rows = [
            (S::Propagating, None, true),
            (S::Propagating, Some(C::RolesMissing), true),
            (S::Propagating, Some(C::NotConsented), true),
            (S::Propagating, Some(C::Unavailable), true),
            (S::Propagating, Some(C::Throttled), true),
            (S::Propagating, Some(C::Unknown), true),
            (S::Propagating, Some(C::DelegatedOnly), false),
            (S::Propagating, Some(C::ResourceMissing), false),
            (S::Propagating, Some(C::BlockedByPolicy), false),
            (S::Propagating, Some(C::TenantNotFound), false),
            (S::Propagating, Some(C::CredentialRefused), false),
            (S::Pending, None, false),
            (S::Active, None, false),
            (S::Degraded, Some(C::Unavailable), false),
            (S::Revoked, Some(C::NotConsented), false),
            (S::Suspended, Some(C::Suspended), false),
        ];
        for (status, code, waits) in rows {
            let cause = code.map(Cause::from);
            let waiting = Waiting::of(status, cause.as_ref(), None, NOW);
            assert_eq!(waiting.is_some(), waits, "{status} {code:?}");
        }
    }

    #[test]
    fn it_says_when_it_is_looked_at_next_and_never_a_time_that_is_over() {
        let rows = [
            (None, "within some minutes."),
            (Some(-1), "within some minutes."),
            (Some(0), "within some minutes."),
            (Some(60), "at 2027-01-15T08:01:00Z or some minutes later."),
        ];
        for (seconds, words) in rows {
            let at = seconds.map(|seconds| Timestamp::from_unix(NOW.unix() + seconds));
            let waiting = Waiting::of(TenantStatus::Propagating, None, at, NOW).unwrap();
            assert!(waiting.to_string().ends_with(words), "{waiting}");
        }
    }
}
