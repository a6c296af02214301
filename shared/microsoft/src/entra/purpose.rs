//! What a request to the token endpoint is for: the word for it in the audit line, and whether
//! it may be sent twice.

use auth::{Resource, TenantId};

/// What an assertion is signed for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// An app-only token of the tenant for the resource.
    AppOnly {
        tenant: TenantId,
        resource: &'a Resource,
    },
    /// A sign-in's code is redeemed.
    Code {
        /// The only tenant that may have signed in; `None`: any.
        tenant: Option<TenantId>,
    },
}

impl Purpose<'_> {
    /// The word in the audit line.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::AppOnly { .. } => "app_only",
            Self::Code { .. } => "code",
        }
    }

    pub(super) fn tenant(self) -> Option<TenantId> {
        match self {
            Self::AppOnly { tenant, .. } => Some(tenant),
            Self::Code { tenant } => tenant,
        }
    }

    pub(super) fn resource(&self) -> Option<&Resource> {
        match self {
            Self::AppOnly { resource, .. } => Some(resource),
            Self::Code { .. } => None,
        }
    }

    /// Whether a request may be sent again when no answer came: a code is redeemed once, a
    /// token more does no harm.
    pub(super) fn may_arrive_twice(self) -> bool {
        matches!(self, Self::AppOnly { .. })
    }
}
