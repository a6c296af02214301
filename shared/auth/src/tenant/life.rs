//! The rules of a tenant's life: what a token, a failure and the operator make of it.
//! Each gives the tenant to write, or `None` when nothing changes; none writes.
//!
//! Which causes read as a revocation says [`CauseCode::is_revocation`]; when one is confirmed,
//! `renew/refused.rs`; who may judge so, `renew/attempt.rs`.

use std::time::Duration;

use super::status::TenantStatus;
use super::stored::Tenant;
use super::tags::{TAGS_MAX, TagChange, TooManyTags};
use crate::cause::{Cause, CauseCode};
use crate::identifiers::Customer;
use crate::resource::Resource;
use crate::timestamp::Timestamp;

/// How long a granted role may take to appear before we stop calling it propagation.
/// Usually seconds to minutes, rarely hours (reference §2.3).
pub const PROPAGATION_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// For so long after an admin consented, "not there" means "not there yet": requests
/// reach replicas of Entra ID that lag (reference §2.3, ~30 s usual, minutes seen).
pub const CONSENT_GRACE: Duration = Duration::from_secs(15 * 60);

/// A failed attempt, as a tenant's life sees it.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// The resource whose token was asked for.
    pub resource: &'a Resource,
    /// Why there is none.
    pub cause: &'a Cause,
    /// The last token can still be vended.
    pub holds_living_token: bool,
    /// The tenant was refused like this before, long enough ago: healthy tenants meet a
    /// single refusal now and then.
    pub confirmed: bool,
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
            TenantStatus::Pending
            | TenantStatus::Active
            | TenantStatus::Suspended
            | TenantStatus::Removed => false,
        };
        heals.then(|| self.working(roles, now))
    }

    /// The tenant that a token with `roles` has shown to work.
    fn working(&self, roles: &[String], now: Timestamp) -> Tenant {
        Tenant {
            status: TenantStatus::Active,
            cause: None,
            cause_resource: None,
            since: now,
            roles: roles.to_vec(),
            ..self.clone()
        }
    }

    /// The tenant after a failed attempt; `None` when nothing changes. A status that
    /// stays and gets another cause keeps its `since`.
    pub fn after_failure(&self, failure: &Failure<'_>, now: Timestamp) -> Option<Tenant> {
        let cause = failure.cause.with_what_is_known(self.cause.as_ref());
        let status = self.status_after(cause.code, failure, now)?;
        let same_cause = self.cause.as_ref().map(|known| known.code) == Some(cause.code);
        if status == self.status && (same_cause || status == TenantStatus::Active) {
            return None;
        }
        Some(Tenant {
            status,
            cause: Some(cause.clone()),
            cause_resource: Some(failure.resource.clone()),
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
        failure: &Failure<'_>,
        now: Timestamp,
    ) -> Option<TenantStatus> {
        use TenantStatus as S;
        if code.is_fleet_wide() {
            return None;
        }
        let age = |since: Timestamp| Duration::from_secs(since.seconds_until(now));
        let consented_just_now = || self.consented_at.is_some_and(|at| age(at) < CONSENT_GRACE);
        match self.status {
            S::Propagating if age(self.since) >= PROPAGATION_LIMIT => Some(S::Degraded),
            S::Active | S::Degraded
                if code.is_revocation()
                    && consented_just_now()
                    && (failure.confirmed || !failure.holds_living_token) =>
            {
                Some(S::Propagating)
            }
            S::Active | S::Degraded if code.is_revocation() && failure.confirmed => {
                Some(S::Revoked)
            }
            // What passes by itself is not worth an event while callers notice nothing.
            S::Active if !failure.holds_living_token => Some(S::Degraded),
            S::Propagating | S::Degraded | S::Revoked => Some(self.status),
            S::Active | S::Pending | S::Suspended | S::Removed => None,
        }
    }

    /// The tenant as the operator holds it back; `None` when that changes nothing.
    pub fn suspended(&self, now: Timestamp) -> Option<Tenant> {
        let held = matches!(self.status, TenantStatus::Suspended | TenantStatus::Removed);
        (!held).then(|| Tenant {
            status: TenantStatus::Suspended,
            cause: Some(CauseCode::Suspended.into()),
            cause_resource: None,
            since: now,
            ..self.clone()
        })
    }

    /// A suspended tenant after a token showed `roles`. When its admin consented is another
    /// matter: nobody did just now.
    pub fn resumed(&self, roles: &[String], now: Timestamp) -> Option<Tenant> {
        (self.status == TenantStatus::Suspended).then(|| self.working(roles, now))
    }

    /// The tenant as the operator removes it: it stays bound, so that a removal is no
    /// way to take it over.
    pub fn removed(&self, now: Timestamp) -> Option<Tenant> {
        (self.status != TenantStatus::Removed).then(|| Tenant {
            status: TenantStatus::Removed,
            cause: Some(CauseCode::Removed.into()),
            cause_resource: None,
            since: now,
            ..self.clone()
        })
    }

    /// The tenant bound to another account: the operator's word alone moves it.
    pub fn moved_to(&self, customer: &Customer) -> Option<Tenant> {
        (self.customer != *customer).then(|| Tenant {
            customer: customer.clone(),
            ..self.clone()
        })
    }

    /// The tenant with changed tags; `None` when that changes nothing.
    pub fn tagged(&self, change: &TagChange) -> Result<Option<Tenant>, TooManyTags> {
        let tags = change.applied(&self.tags);
        if tags.len() > TAGS_MAX {
            return Err(TooManyTags);
        }
        Ok((tags != self.tags).then(|| Tenant {
            tags,
            ..self.clone()
        }))
    }
}

#[cfg(test)]
#[path = "life_tests.rs"]
mod tests;
