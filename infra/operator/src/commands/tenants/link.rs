//! `tenants link`: a fresh consent link for a tenant's admin, bound to the tenant's own account
//! and cloud and to that very tenant.

use auth::cause::Class;
use auth::inviting::{DEFAULT_LIFE, InviteRequest};
use auth::{Fault, Tenant, TenantStatus};

use super::tenant::{TenantArgument, find};
use crate::commands::invite;
use crate::session::Session;

pub(super) async fn run(
    arguments: TenantArgument,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let (platform, settings) = invite::made_at(&session.place().await?).await?;
    let tenant = find(&platform, arguments.tenant.id()).await?;
    check_not_suspended(&tenant)?;
    let inviting = wiring::inviting(settings, &platform);
    let created = inviting.create(request(&tenant)).await?;
    invite::print(&mut session, (&tenant.customer, Some(tenant.id)), &created)
}

/// Consents of a suspended tenant are refused: a link would lead nowhere.
pub(crate) fn check_not_suspended(tenant: &Tenant) -> anyhow::Result<()> {
    anyhow::ensure!(
        tenant.status != TenantStatus::Suspended,
        "tenant {id} is suspended, and its consent would be refused: lift that first, with \
         `operator tenants resume {id}`",
        id = tenant.id
    );
    Ok(())
}

pub(crate) fn request(tenant: &Tenant) -> InviteRequest {
    InviteRequest {
        customer: tenant.customer.clone(),
        tenant: Some(tenant.id),
        // A removed tenant comes back by an admin alone.
        vouched: tenant.status != TenantStatus::Removed,
        owner: Some(tenant.customer.clone()),
        cloud: Some(tenant.cloud),
        expires_in: Some(DEFAULT_LIFE),
        return_url: None,
    }
}

/// Whether an admin of the tenant has to consent, or can. A directory that Microsoft closed
/// has no admin who could, and a tenant that only waits needs none.
pub(crate) fn needs_consent(tenant: &Tenant) -> bool {
    let class = tenant.cause.as_ref().map(|cause| cause.code.class());
    match tenant.status {
        TenantStatus::Revoked | TenantStatus::Removed => true,
        TenantStatus::Degraded | TenantStatus::Propagating => {
            tenant.fault() == Some(Fault::Customer) && class != Some(Class::Tenant)
        }
        TenantStatus::Pending | TenantStatus::Active | TenantStatus::Suspended => false,
    }
}

#[cfg(test)]
mod tests {
    use auth::{CauseCode, TenantId, Timestamp};

    use super::*;

    #[test]
    fn consent_is_needed_where_an_admin_can_mend_it() {
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
            let tenant = Tenant {
                status,
                cause: cause.map(Into::into),
                ..Tenant::connected(TenantId::CONSUMERS, Timestamp::from_unix(0))
            };
            assert_eq!(needs_consent(&tenant), expected, "{status} {cause:?}");
        }
    }
}
