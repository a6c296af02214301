//! Where a tenant stands in its life.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! statuses {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// Where a tenant stands in its life.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum TenantStatus { $($(#[$doc])* $variant),+ }

        impl TenantStatus {
            /// Every status.
            pub const ALL: &[TenantStatus] = &[$(TenantStatus::$variant),+];

            /// The word in the table, in answers and in logs.
            pub fn as_str(self) -> &'static str {
                match self { $(TenantStatus::$variant => $text),+ }
            }
        }
    };
}

statuses! {
    /// Named by an invite, not yet consented.
    Pending = "pending",
    /// Consented; the permissions have not arrived everywhere yet.
    Propagating = "propagating",
    /// Proven by a token with the roles that we need.
    Active = "active",
    /// Was active; at the moment no token can be had.
    Degraded = "degraded",
    /// The customer took the consent away.
    Revoked = "revoked",
    /// The operator holds it back: nothing is asked for and nothing handed out.
    Suspended = "suspended",
    /// We removed it. It stays bound to its customer.
    Removed = "removed",
}

impl TenantStatus {
    /// Whether the refresher keeps asking Entra ID for this tenant.
    pub fn is_refreshed(self) -> bool {
        !matches!(
            self,
            TenantStatus::Pending | TenantStatus::Suspended | TenantStatus::Removed
        )
    }

    /// Whether a token of this tenant may be handed out, and fetched for a caller.
    pub fn is_vended(self) -> bool {
        matches!(self, TenantStatus::Active | TenantStatus::Degraded)
    }
}

impl fmt::Display for TenantStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a status: one of pending, propagating, active, degraded, revoked, suspended, removed")]
pub struct UnknownStatus;

impl FromStr for TenantStatus {
    type Err = UnknownStatus;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        TenantStatus::ALL
            .iter()
            .copied()
            .find(|status| status.as_str() == text)
            .ok_or(UnknownStatus)
    }
}
