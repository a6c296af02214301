//! The terms of an attempt: to which account, in which cloud and of which tenant alone it
//! may bind; and whether the person who signed in may bind it. The invite is read anew at
//! every step, so that one that was used or has expired meanwhile counts at once.

use url::Url;

use super::admin_roles::AdminRoles;
use super::flow::Consent;
use super::refusal::ConsentRefusal;
use crate::cause::CauseCode;
use crate::cloud::Cloud;
use crate::identifiers::{Customer, TenantId};
use crate::invite::InviteKey;
use crate::ports::SignedIn;
use crate::protocol::{ConsentFlow, ConsentMode};

/// What an attempt may bind.
pub(super) struct Terms {
    /// The account of the invite; without one a tenant is bound to itself.
    pub(super) customer: Option<Customer>,
    /// The only tenant, where the invite names one.
    pub(super) tenant: Option<TenantId>,
    /// The operator vouches for whoever holds the invite.
    pub(super) vouched: bool,
    /// The tenant's cloud, where the invite says it.
    pub(super) cloud: Option<Cloud>,
    pub(super) return_url: Option<Url>,
    /// The tenant that was bound with the invite already.
    pub(super) used_by: Option<TenantId>,
}

impl Terms {
    /// The account that `tenant` will be bound to.
    pub(super) fn customer_of(&self, tenant: TenantId) -> Customer {
        let named = self.customer.clone();
        named.unwrap_or_else(|| Customer::itself(tenant))
    }

    /// Nothing can be bound with an invite that was used.
    pub(super) fn check_unused(&self) -> Result<(), CauseCode> {
        match self.used_by {
            None => Ok(()),
            Some(_) => Err(CauseCode::InviteUsed),
        }
    }

    /// Whether `tenant` is bound with this invite already (another tab, a link that was
    /// opened twice): then there is nothing left to do.
    pub(super) fn is_done_for(&self, tenant: TenantId) -> Result<bool, CauseCode> {
        match self.used_by {
            Some(bound) if bound == tenant => Ok(true),
            _ => self.check_unused().map(|()| false),
        }
    }
}

impl Consent {
    /// The terms of an attempt as they are now.
    pub(super) async fn terms(&self, invite: Option<&InviteKey>) -> Result<Terms, ConsentRefusal> {
        match (invite, self.settings.mode) {
            (Some(key), _) => self.invited(key).await,
            (None, ConsentMode::Invite) => Err(CauseCode::InviteNeeded.into()),
            (None, ConsentMode::Open) => Ok(Terms {
                customer: None,
                tenant: None,
                vouched: false,
                cloud: None,
                return_url: None,
                used_by: None,
            }),
        }
    }

    async fn invited(&self, key: &InviteKey) -> Result<Terms, ConsentRefusal> {
        let found = self.invites.find_invite(key).await.map_err(|error| {
            tracing::error!(event = "consent_store_error", %error, "an invite was not read");
            ConsentRefusal::from(error.cause())
        })?;
        let invite = found.ok_or(CauseCode::InviteUnknown)?;
        match invite.check_usable(self.clock.now()) {
            // Who used it is told where the tenant is known.
            Ok(()) | Err(CauseCode::InviteUsed) => {}
            Err(over) => return Err(over.into()),
        }
        let own = self.settings.cloud;
        if !invite
            .cloud
            .is_none_or(|cloud| cloud.shares_authority_with(own))
        {
            return Err(CauseCode::WrongCloud.into());
        }
        Ok(Terms {
            customer: Some(invite.customer),
            tenant: invite.tenant,
            vouched: invite.vouched,
            cloud: invite.cloud,
            return_url: invite.return_url,
            used_by: invite.used_by,
        })
    }
}

/// Whether this person may bind this tenant, and whether a role of his shows it. Fails
/// closed: that the tenant has consented does not show that the person is an admin, because
/// anybody can sign in to a tenant that has consented before.
pub(super) fn check_person(
    terms: &Terms,
    signed_in: &SignedIn,
    admin_roles: &AdminRoles,
    flow: ConsentFlow,
) -> Result<bool, CauseCode> {
    if signed_in.tenant == TenantId::CONSUMERS {
        return Err(CauseCode::PersonalAccount);
    }
    if terms.tenant.is_some_and(|named| named != signed_in.tenant) {
        return Err(CauseCode::InviteForAnotherTenant);
    }
    let vouched = terms.vouched && terms.tenant.is_some();
    let bound_to_itself = terms.customer.is_none();
    match &signed_in.directory_roles {
        Some(wids) if admin_roles.include_one_of(wids) => Ok(true),
        _ if vouched => Ok(false),
        Some(_) => Err(CauseCode::NotAnAdmin),
        // Microsoft's v1 access tokens have no `wids`. What such a person may do is bounded
        // where the tenant is bound.
        None if flow == ConsentFlow::V1 && bound_to_itself => Ok(false),
        None => Err(CauseCode::AdminNotProven),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Cloud;

    const OTHER: &str = "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357";
    const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
    const ADMIN: &str = "62e90394-69f5-4237-9190-012177145e10";
    const USER: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";

    fn terms(customer: bool, named: Option<&str>, vouched: bool) -> Terms {
        Terms {
            customer: customer.then(|| "Contoso".parse().unwrap()),
            tenant: named.map(|id| id.parse().unwrap()),
            vouched,
            cloud: None,
            return_url: None,
            used_by: None,
        }
    }

    fn person(tenant: &str, wids: Option<&[&str]>) -> SignedIn {
        SignedIn {
            tenant: tenant.parse().unwrap(),
            username: None,
            directory_roles: wids.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect()),
            delegated_scopes: Vec::new(),
        }
    }

    #[test]
    fn who_may_bind_what() {
        use CauseCode as C;
        use ConsentFlow::{V1, V2};
        let (admin, user) = (Some(&[USER, ADMIN][..]), Some(&[USER][..]));
        let (open, invited) = (|| terms(false, None, false), || terms(true, None, false));
        let named = |vouched| terms(true, Some(TENANT), vouched);
        let rows = [
            (open(), TENANT, admin, V2, Ok(true)),
            (open(), TENANT, user, V2, Err(C::NotAnAdmin)),
            (open(), TENANT, None, V2, Err(C::AdminNotProven)),
            (open(), TENANT, None, V1, Ok(false)),
            (open(), TENANT, user, V1, Err(C::NotAnAdmin)),
            (invited(), TENANT, admin, V2, Ok(true)),
            (invited(), TENANT, user, V2, Err(C::NotAnAdmin)),
            (invited(), TENANT, Some(&[][..]), V2, Err(C::NotAnAdmin)),
            (invited(), TENANT, None, V1, Err(C::AdminNotProven)),
            (named(true), TENANT, admin, V2, Ok(true)),
            (named(true), TENANT, user, V2, Ok(false)),
            (named(true), TENANT, None, V1, Ok(false)),
            (named(false), TENANT, user, V2, Err(C::NotAnAdmin)),
            (named(false), TENANT, None, V1, Err(C::AdminNotProven)),
            (
                named(true),
                OTHER,
                admin,
                V2,
                Err(C::InviteForAnotherTenant),
            ),
            (
                named(false),
                OTHER,
                admin,
                V2,
                Err(C::InviteForAnotherTenant),
            ),
            // A word for nobody in particular is none.
            (
                terms(true, None, true),
                TENANT,
                user,
                V2,
                Err(C::NotAnAdmin),
            ),
        ];
        let roles = AdminRoles::of(&[Cloud::Public.management_resource()]);
        for (number, (terms, tenant, wids, flow, expected)) in rows.into_iter().enumerate() {
            let found = check_person(&terms, &person(tenant, wids), &roles, flow);
            assert_eq!(found, expected, "row {number}");
        }
        let consumers = person(&TenantId::CONSUMERS.to_string(), admin);
        let found = check_person(&open(), &consumers, &roles, V2);
        assert_eq!(found, Err(C::PersonalAccount));
    }
}
