//! What an attempt to renew a token can bring, and what becomes of it.

use crate::cause::{Cause, CauseCode};
use crate::ports::{AuthorityError, IssuedToken, StoreError};
use crate::tenant::TenantStatus;
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// Why there is no new token.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RenewalError {
    /// Entra ID gave none, or none that we can use.
    #[error("no token: {cause}")]
    Refused {
        /// Why.
        cause: Cause,
        /// It reads as a revocation, and is not believed before a second one.
        is_suspicion: bool,
        /// The tenant's status after it.
        status: TenantStatus,
        /// Nobody asks again before this.
        next_attempt_at: Timestamp,
    },
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What Entra ID answered, before anything is written.
#[derive(Debug)]
pub struct Attempt {
    pub(super) asked_at: Timestamp,
    pub(super) outcome: Result<(IssuedToken, Vec<String>), AuthorityError>,
}

/// What became of an attempt that was written down.
#[derive(Debug, Clone)]
pub enum Settled {
    /// The record with the token that the attempt brought.
    Kept(TokenRecord),
    /// Somebody else was first: what they wrote.
    Lost(TokenRecord),
}

impl Settled {
    /// The record as the table has it now.
    pub fn into_record(self) -> TokenRecord {
        let (Settled::Kept(record) | Settled::Lost(record)) = self;
        record
    }
}

/// Whether an attempt may take a working tenant's consent for revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It may, if the refusal is confirmed ([`RefreshSchedule::confirm_after`](crate::schedule::RefreshSchedule::confirm_after)): other
    /// tenants got their tokens meanwhile, or it is the only one.
    Final,
    /// It may not: the failure is remembered, the tenant stays what it is, and its
    /// living token stays with it.
    Deferred,
    /// A vend's: it may not either, and a confirmed refusal is due at once, so that the
    /// refresher's next run judges it. Callers who insist would else keep it from the
    /// refresher: each of their attempts puts the next one off.
    LeftToTheRefresher,
}

impl Attempt {
    /// Why it brought no token, in the light of what is known of the tenant; `None` where it did.
    pub fn refusal(&self, record: &TokenRecord) -> Option<CauseCode> {
        let error = self.outcome.as_ref().err()?;
        Some(error.cause.with_what_is_known(record.cause.as_ref()).code)
    }

    /// Whether a working tenant was refused in a way that reads as a revocation.
    pub fn looks_revoked(&self, record: &TokenRecord) -> bool {
        let is_revocation = self.refusal(record).is_some_and(CauseCode::is_revocation);
        is_revocation && record.status.is_vended()
    }
}
