//! A connected tenant and its life: `pending → propagating → active ⇄ degraded →
//! revoked | removed`, and `suspended` while the operator holds it back. The rules of
//! that life are in `life.rs` and nowhere else; who asks for a change writes what comes
//! out of [`Tenant::after_token`], [`Tenant::after_failure`] or one of the operator's.
//!
//! A fault of ours never changes a tenant: it is the fleet that is broken then.

mod life;
mod tags;
mod waiting;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::cloud::Cloud;
use crate::identifiers::{Customer, Resource, TenantId};
use crate::timestamp::Timestamp;
use crate::token::Version;

pub use life::{CONSENT_GRACE, Failure, PROPAGATION_LIMIT};
pub use tags::{InvalidTag, NamedTwice, TAGS_MAX, Tag, TagChange, TagKey, Tags, TooManyTags};
pub use waiting::Waiting;

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

/// A tenant as the table keeps it.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The directory's ID.
    pub id: TenantId,
    /// The account that it is bound to; changed by an operator only.
    pub customer: Customer,
    /// The cloud that it lives in.
    pub cloud: Cloud,
    /// Where it stands.
    pub status: TenantStatus,
    /// Why, unless active.
    pub cause: Option<Cause>,
    /// The resource whose token the cause is about; its next token clears the cause.
    pub cause_resource: Option<Resource>,
    /// Since when it stands there.
    pub since: Timestamp,
    /// When an admin consented last; [`CONSENT_UNSEEN`](Self::CONSENT_UNSEEN) where that was
    /// before the tenant was imported.
    pub consented_at: Timestamp,
    /// The application permissions that the last proof showed.
    pub roles: Vec<String>,
    /// What the operator labelled it with.
    pub tags: Tags,
    /// The version that was read; of a tenant not yet written, any.
    pub version: Version,
}

impl Tenant {
    /// Of a consent at a time that is not known: that it is fresh is never believed.
    pub const CONSENT_UNSEEN: Timestamp = Timestamp::from_unix(0);

    /// When an admin consented last, where that was seen.
    pub fn consent_seen_at(&self) -> Option<Timestamp> {
        Some(self.consented_at).filter(|at| *at != Self::CONSENT_UNSEEN)
    }
}
