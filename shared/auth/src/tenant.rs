//! A connected tenant and its life: `pending → propagating → active ⇄ degraded →
//! revoked | removed`. The rules of that life are here and nowhere else; who asks for
//! a change writes what comes out of [`Tenant::after_token`] or
//! [`Tenant::after_failure`].
//!
//! A fault of ours never changes a tenant: it is the fleet that is broken then.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cause::{Cause, CauseCode};
use crate::cloud::Cloud;
use crate::identifiers::{Customer, Resource, TenantId};
use crate::timestamp::Timestamp;
use crate::token::Version;

/// How long a granted role may take to appear before we stop calling it propagation.
/// Usually seconds to minutes, rarely hours (reference §2.3).
pub const PROPAGATION_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// For so long after an admin consented, "not there" means "not there yet": requests
/// reach replicas of Entra ID that lag (reference §2.3, ~30 s usual, minutes seen).
pub const CONSENT_GRACE: Duration = Duration::from_secs(15 * 60);

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
    /// We removed it. It stays bound to its customer.
    Removed = "removed",
}

impl TenantStatus {
    /// Whether the refresher keeps asking Entra ID for this tenant.
    pub fn is_refreshed(self) -> bool {
        !matches!(self, TenantStatus::Pending | TenantStatus::Removed)
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
#[error("not a status: one of pending, propagating, active, degraded, revoked, removed")]
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
    /// When an admin consented last.
    pub consented_at: Timestamp,
    /// The application permissions that the last proof showed.
    pub roles: Vec<String>,
    /// The version that was read; of a tenant not yet written, any.
    pub version: Version,
}

impl Tenant {
    /// The tenant after a token with the needed roles came for `resource`; `None`
    /// when nothing changes.
    pub fn after_token(
        &self,
        resource: &Resource,
        roles: &[String],
        now: Timestamp,
    ) -> Option<Tenant> {
        let about_another_resource = self
            .cause_resource
            .as_ref()
            .is_some_and(|blamed| blamed != resource);
        let heals = match self.status {
            TenantStatus::Propagating | TenantStatus::Degraded | TenantStatus::Revoked => {
                !about_another_resource
            }
            TenantStatus::Pending | TenantStatus::Active | TenantStatus::Removed => false,
        };
        heals.then(|| Tenant {
            status: TenantStatus::Active,
            cause: None,
            cause_resource: None,
            since: now,
            roles: roles.to_vec(),
            ..self.clone()
        })
    }

    /// The tenant after `cause` kept us from a token for `resource`; `None` when
    /// nothing changes. `holds_living_token`: the last token can still be vended. A
    /// status that stays but is told another cause keeps its `since`.
    pub fn after_failure(
        &self,
        resource: &Resource,
        cause: &Cause,
        holds_living_token: bool,
        now: Timestamp,
    ) -> Option<Tenant> {
        let status = self.status_after(cause.code, holds_living_token, now)?;
        let same_cause = self.cause.as_ref().map(|known| known.code) == Some(cause.code);
        if status == self.status && (same_cause || status == TenantStatus::Active) {
            return None;
        }
        Some(Tenant {
            status,
            cause: Some(cause.clone()),
            cause_resource: Some(resource.clone()),
            since: match status == self.status {
                true => self.since,
                false => now,
            },
            ..self.clone()
        })
    }

    /// The status after a failure; `None` when the failure says nothing of the tenant.
    fn status_after(
        &self,
        code: CauseCode,
        holds_living_token: bool,
        now: Timestamp,
    ) -> Option<TenantStatus> {
        use TenantStatus as S;
        if code.is_fleet_wide() {
            return None;
        }
        let age = |since: Timestamp| Duration::from_secs(since.seconds_until(now));
        match self.status {
            S::Propagating if age(self.since) >= PROPAGATION_LIMIT => Some(S::Degraded),
            S::Active | S::Degraded if code.is_revocation() => {
                match age(self.consented_at) < CONSENT_GRACE {
                    true => Some(S::Propagating),
                    false => Some(S::Revoked),
                }
            }
            // What passes by itself is not worth an event while callers notice nothing.
            S::Active if !holds_living_token => Some(S::Degraded),
            S::Propagating | S::Degraded | S::Revoked => Some(self.status),
            S::Active | S::Pending | S::Removed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(status: TenantStatus) -> Tenant {
        let id: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
        Tenant {
            id,
            customer: Customer::itself(id),
            cloud: Cloud::Public,
            status,
            cause: None,
            cause_resource: None,
            since: Timestamp::from_unix(0),
            consented_at: Timestamp::from_unix(-86_400),
            roles: vec![],
            version: Version(String::new()),
        }
    }

    fn management() -> Resource {
        Cloud::Public.management_resource()
    }

    #[test]
    fn failures_move_a_tenant_by_status_and_cause() {
        use CauseCode as C;
        use TenantStatus as S;
        let day = i64::try_from(PROPAGATION_LIMIT.as_secs()).unwrap();
        // status, cause, a living token held, at, what comes out
        let rows = [
            (S::Active, C::NotConsented, true, 10, Some(S::Revoked)),
            (S::Active, C::RolesMissing, true, 10, Some(S::Revoked)),
            (S::Active, C::ResourceMissing, false, 10, Some(S::Degraded)),
            (S::Active, C::Unavailable, true, 10, None),
            (S::Active, C::Unavailable, false, 10, Some(S::Degraded)),
            (S::Active, C::Unknown, false, 10, Some(S::Degraded)),
            (S::Active, C::CredentialRefused, false, 10, None),
            (S::Degraded, C::CredentialRefused, false, 10, None),
            (S::Degraded, C::Unavailable, false, 10, Some(S::Degraded)),
            (S::Degraded, C::NotConsented, false, 10, Some(S::Revoked)),
            (
                S::Propagating,
                C::NotConsented,
                false,
                day - 1,
                Some(S::Propagating),
            ),
            (
                S::Propagating,
                C::RolesMissing,
                false,
                day,
                Some(S::Degraded),
            ),
            (S::Revoked, C::NotConsented, false, 10, Some(S::Revoked)),
            (S::Removed, C::NotConsented, false, 10, None),
        ];
        for (status, code, living, at, expected) in rows {
            let after = tenant(status).after_failure(
                &management(),
                &code.into(),
                living,
                Timestamp::from_unix(at),
            );
            assert_eq!(after.map(|t| t.status), expected, "{status} {code}");
        }
    }

    #[test]
    fn another_cause_is_told_without_a_new_since_and_the_same_one_changes_nothing() {
        let now = Timestamp::from_unix(10);
        let mut degraded = tenant(TenantStatus::Degraded);
        degraded.cause = Some(CauseCode::Unavailable.into());
        let same = CauseCode::Unavailable.into();
        assert!(
            degraded
                .after_failure(&management(), &same, false, now)
                .is_none()
        );
        let other = CauseCode::BlockedByPolicy.into();
        let told = degraded
            .after_failure(&management(), &other, false, now)
            .unwrap();
        assert_eq!(told.cause, Some(other));
        assert_eq!(told.since, degraded.since);
    }

    #[test]
    fn right_after_a_consent_missing_roles_are_on_their_way() {
        let now = Timestamp::from_unix(10);
        let mut fresh = tenant(TenantStatus::Active);
        fresh.consented_at = Timestamp::from_unix(0);
        let after = fresh.after_failure(&management(), &CauseCode::RolesMissing.into(), true, now);
        assert_eq!(after.unwrap().status, TenantStatus::Propagating);
    }

    #[test]
    fn a_token_heals_what_its_own_resource_broke() {
        let graph: Resource = "https://graph.microsoft.com".parse().unwrap();
        let now = Timestamp::from_unix(5);
        let mut degraded = tenant(TenantStatus::Degraded);
        degraded.cause = Some(CauseCode::ResourceMissing.into());
        degraded.cause_resource = Some(graph.clone());
        assert!(degraded.after_token(&management(), &[], now).is_none());
        let healed = degraded.after_token(&graph, &["Role".into()], now).unwrap();
        assert_eq!(healed.status, TenantStatus::Active);
        assert_eq!(healed.cause, None);
        assert_eq!(healed.since, now);
    }

    #[test]
    fn a_removed_tenant_never_comes_back_by_a_token() {
        let removed = tenant(TenantStatus::Removed);
        assert!(
            removed
                .after_token(&management(), &[], Timestamp::from_unix(1))
                .is_none()
        );
    }
}
