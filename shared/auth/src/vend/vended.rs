//! What a caller is given: a token, or the reason why there is none.

use super::memory::TokenNames;
use crate::cause::Cause;
use crate::identifiers::Customer;
use crate::ports::StoreError;
use crate::tenant::TenantStatus;
use crate::timestamp::Timestamp;
use crate::token::AccessToken;

/// Where a vended token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// This process remembered it.
    Memory,
    /// The table.
    Table,
    /// Entra ID, just now.
    Entra,
}

impl Source {
    /// The word in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Memory => "memory",
            Source::Table => "table",
            Source::Entra => "entra",
        }
    }
}

/// A token for a caller.
#[derive(Debug, Clone)]
pub struct Vended {
    /// The token.
    pub access_token: AccessToken,
    /// Its end.
    pub expires_at: Timestamp,
    /// When the broker renews it: a caller that asks again then gets a newer one.
    pub refresh_at: Timestamp,
    /// The account that the tenant is bound to, for the audit log.
    pub customer: Customer,
    /// Where it came from.
    pub source: Source,
    /// Its names in logs.
    pub names: TokenNames,
}

/// Why no token is handed out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VendRefusal {
    /// No such tenant, or none of its tokens is for this resource.
    #[error("the tenant is not connected for this resource")]
    NotFound,
    /// The tenant is connected but not active.
    #[error("the tenant is {status}")]
    NotActive {
        /// Where it stands.
        status: TenantStatus,
        /// Why.
        cause: Option<Cause>,
        /// Entra ID is not asked for this token before.
        next_attempt_at: Option<Timestamp>,
    },
    /// No living token is at hand and Entra ID gives none now.
    #[error("no token at the moment: {cause}")]
    NoToken {
        /// Why.
        cause: Cause,
        /// When asking again can help.
        retry_at: Timestamp,
        /// It reads as a revocation that is not believed yet: healthy tenants are refused
        /// like this now and then.
        is_suspicion: bool,
    },
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
