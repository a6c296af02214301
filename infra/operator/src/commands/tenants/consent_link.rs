//! The consent link that `tenants show` prints where an admin of the tenant has to act: a
//! fresh invite for the tenant's own account, its cloud and that very tenant.

use auth::cause::Class;
use auth::inviting::{CreatedInvite, DEFAULT_LIFE, InviteRequest};
use auth::{Fault, Tenant, TenantStatus};
use wiring::Platform;
use wiring::settings::read_needed_invites;

use crate::place::Place;
use crate::session::Session;

/// Whether there is a link.
pub(super) enum ConsentLink {
    /// Nobody has to consent: none was made.
    NotNeeded,
    /// A new one.
    Made(CreatedInvite),
    /// One is needed, and this is why there is none and how to get one.
    Missing(String),
}

impl ConsentLink {
    /// The link, where one was made.
    pub(super) fn url(&self) -> Option<&str> {
        match self {
            ConsentLink::Made(created) => Some(created.consent_url.as_str()),
            _ => None,
        }
    }

    /// For a person.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            ConsentLink::NotNeeded => Vec::new(),
            ConsentLink::Missing(why) => vec![("consent link", why.clone())],
            ConsentLink::Made(created) => vec![
                ("consent link", created.consent_url.to_string()),
                (
                    "link ends",
                    format!(
                        "{}, or when it was used; a secret of the person it is sent to",
                        created.expires_at
                    ),
                ),
            ],
        }
    }
}

/// Makes a link where one is needed.
pub(super) async fn consent_link(
    session: &Session<'_, '_>,
    place: &Place<'_>,
    platform: &Platform,
    tenant: &Tenant,
) -> ConsentLink {
    if !is_needed(tenant) {
        return ConsentLink::NotNeeded;
    }
    match make(session, place, platform, tenant).await {
        Ok(created) => ConsentLink::Made(created),
        Err(error) => ConsentLink::Missing(format!(
            "none: {error:#}; or use `operator invite CUSTOMER --tenant {}` where invites are \
             set up",
            tenant.id
        )),
    }
}

/// Whether an admin of the tenant has to consent, or can. A directory that Microsoft closed
/// has no admin who could, and a tenant that only waits needs none.
fn is_needed(tenant: &Tenant) -> bool {
    let class = tenant.cause.as_ref().map(|cause| cause.code.class());
    match tenant.status {
        TenantStatus::Revoked | TenantStatus::Removed => true,
        TenantStatus::Degraded | TenantStatus::Propagating => {
            tenant.fault() == Some(Fault::Customer) && class != Some(Class::Tenant)
        }
        TenantStatus::Pending | TenantStatus::Active | TenantStatus::Suspended => false,
    }
}

async fn make(
    session: &Session<'_, '_>,
    place: &Place<'_>,
    platform: &Platform,
    tenant: &Tenant,
) -> anyhow::Result<CreatedInvite> {
    let settings = place.settings(read_needed_invites)?;
    let request = InviteRequest {
        customer: tenant.customer.clone(),
        tenant: Some(tenant.id),
        // A removed tenant comes back by an admin alone.
        vouched: tenant.status != TenantStatus::Removed,
        owner: Some(tenant.customer.clone()),
        cloud: Some(tenant.cloud),
        expires_in: Some(DEFAULT_LIFE),
        return_url: None,
    };
    session.acts(place).await?;
    let inviting = wiring::inviting(settings, platform);
    Ok(inviting.create(request).await?)
}

#[cfg(test)]
mod tests {
    use auth::{CauseCode, TenantId, Timestamp};

    use super::*;

    #[test]
    fn a_link_is_needed_where_an_admin_can_mend_it() {
        use CauseCode as C;
        use TenantStatus as S;
        let rows = [
            (S::Pending, None, false),
            (S::Active, None, false),
            (S::Propagating, None, false),
            (S::Propagating, Some(C::RolesMissing), false),
            (S::Propagating, Some(C::ResourceMissing), true),
            (S::Propagating, Some(C::Unavailable), false),
            (S::Degraded, Some(C::BlockedByPolicy), true),
            (S::Degraded, Some(C::NotConsented), true),
            (S::Degraded, Some(C::TenantInactive), false),
            (S::Degraded, Some(C::WrongCloud), false),
            (S::Degraded, Some(C::Unavailable), false),
            (S::Degraded, Some(C::CredentialRefused), false),
            (S::Revoked, Some(C::NotConsented), true),
            (S::Suspended, Some(C::Suspended), false),
            (S::Removed, None, true),
        ];
        for (status, cause, expected) in rows {
            assert_eq!(
                is_needed(&tenant(status, cause)),
                expected,
                "{status} {cause:?}"
            );
        }
    }

    fn tenant(status: TenantStatus, cause: Option<CauseCode>) -> Tenant {
        Tenant {
            status,
            cause: cause.map(Into::into),
            ..Tenant::connected(TenantId::CONSUMERS, Timestamp::from_unix(0))
        }
    }
}
