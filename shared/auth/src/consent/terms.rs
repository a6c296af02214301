//! The terms of an attempt: to which account, in which cloud and of which tenant alone it
//! may bind; and whether the person who signed in may bind it. The invite is read again at
//! every step, so that one that was used or has expired meanwhile counts at once. Consent asks
//! this to show the right page, the program that signs to decide.

use url::Url;

use super::refusal::ConsentRefusal;
use crate::cause::CauseCode;
use crate::cloud::Cloud;
use crate::identifiers::{Customer, TenantId};
use crate::invite::InviteKey;
use crate::ports::Invites;
use crate::protocol::{ConsentFlow, ConsentMode};
use crate::sign_in::AdminRole;
use crate::timestamp::Timestamp;

/// What an attempt may bind.
pub(crate) struct Terms {
    /// The account of the invite; without one a tenant is bound to itself.
    pub(crate) customer: Option<Customer>,
    /// The only tenant, where the invite names one.
    pub(crate) tenant: Option<TenantId>,
    /// The operator vouches for whoever holds the invite.
    pub(crate) vouched: bool,
    /// The tenant's cloud, where the invite says it.
    pub(crate) cloud: Option<Cloud>,
    pub(crate) return_url: Option<Url>,
    /// The tenant that was bound with the invite already.
    pub(crate) used_by: Option<TenantId>,
}

impl Terms {
    /// The account that `tenant` will be bound to.
    pub(crate) fn customer_of(&self, tenant: TenantId) -> Customer {
        let named = self.customer.clone();
        named.unwrap_or_else(|| Customer::itself(tenant))
    }

    /// Nothing can be bound with an invite that was used.
    pub(crate) fn check_unused(&self) -> Result<(), CauseCode> {
        match self.used_by {
            None => Ok(()),
            Some(_) => Err(CauseCode::InviteUsed),
        }
    }

    /// Whether `tenant` is bound with this invite already (another tab, a link that was
    /// opened twice): then there is nothing left to do.
    pub(crate) fn is_done_for(&self, tenant: TenantId) -> Result<bool, CauseCode> {
        match self.used_by {
            Some(bound) if bound == tenant => Ok(true),
            _ => self.check_unused().map(|()| false),
        }
    }
}

/// Where the terms of an attempt are read.
pub(crate) struct TermsBook<'a> {
    pub(crate) invites: &'a dyn Invites,
    /// `CONSENT_MODE`.
    pub(crate) mode: ConsentMode,
    /// The cloud of the registration.
    pub(crate) own: Cloud,
    pub(crate) now: Timestamp,
}

impl TermsBook<'_> {
    /// The terms of an attempt as they are now.
    pub(crate) async fn read(&self, invite: Option<&InviteKey>) -> Result<Terms, ConsentRefusal> {
        match (invite, self.mode) {
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
        match invite.check_usable(self.now) {
            // Which tenant used it decides where the tenant is known.
            Ok(()) | Err(CauseCode::InviteUsed) => {}
            Err(over) => return Err(over.into()),
        }
        let shares = |cloud: Cloud| cloud.shares_authority_with(self.own);
        if !invite.cloud.is_none_or(shares) {
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

/// Whether this person may bind this tenant. Fails closed: that the tenant has consented does
/// not show that the person is an admin, because anybody can sign in to a tenant that has
/// consented before.
pub(crate) fn check_person(
    terms: &Terms,
    tenant: TenantId,
    role: AdminRole,
    flow: ConsentFlow,
) -> Result<(), CauseCode> {
    if tenant == TenantId::CONSUMERS {
        return Err(CauseCode::PersonalAccount);
    }
    if terms.tenant.is_some_and(|named| named != tenant) {
        return Err(CauseCode::InviteForAnotherTenant);
    }
    let vouched = terms.vouched && terms.tenant.is_some();
    let bound_to_itself = terms.customer.is_none();
    match role {
        AdminRole::Held => Ok(()),
        _ if vouched => Ok(()),
        AdminRole::NotHeld => Err(CauseCode::NotAnAdmin),
        // Microsoft's v1 access tokens have no `wids`. What such a person may do is bounded
        // where the tenant is bound.
        AdminRole::NotShown if flow == ConsentFlow::V1 && bound_to_itself => Ok(()),
        AdminRole::NotShown => Err(CauseCode::AdminNotProven),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: &str = "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357";
    const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

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

    #[test]
    fn who_may_bind_what() {
        use CauseCode as C;
        use ConsentFlow::{V1, V2};
        let (admin, user, none) = (AdminRole::Held, AdminRole::NotHeld, AdminRole::NotShown);
        let (open, invited) = (|| terms(false, None, false), || terms(true, None, false));
        let named = |vouched| terms(true, Some(TENANT), vouched);
        let rows = [
            (open(), TENANT, admin, V2, Ok(())),
            (open(), TENANT, user, V2, Err(C::NotAnAdmin)),
            (open(), TENANT, none, V2, Err(C::AdminNotProven)),
            (open(), TENANT, none, V1, Ok(())),
            (open(), TENANT, user, V1, Err(C::NotAnAdmin)),
            (invited(), TENANT, admin, V2, Ok(())),
            (invited(), TENANT, user, V2, Err(C::NotAnAdmin)),
            (invited(), TENANT, none, V1, Err(C::AdminNotProven)),
            (named(true), TENANT, admin, V2, Ok(())),
            (named(true), TENANT, user, V2, Ok(())),
            (named(true), TENANT, none, V1, Ok(())),
            (named(false), TENANT, user, V2, Err(C::NotAnAdmin)),
            (named(false), TENANT, none, V1, Err(C::AdminNotProven)),
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
        for (number, (terms, tenant, role, flow, expected)) in rows.into_iter().enumerate() {
            let found = check_person(&terms, tenant.parse().unwrap(), role, flow);
            assert_eq!(found, expected, "row {number}");
        }
        let found = check_person(&open(), TenantId::CONSUMERS, admin, V2);
        assert_eq!(found, Err(C::PersonalAccount));
    }
}
