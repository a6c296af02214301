//! The terms of an attempt: to which account, in which cloud and of which tenant alone it
//! may bind; and whether the person who signed in may bind it. The invite is read anew at
//! every step, so that one that was used or has expired meanwhile counts at once.

use url::Url;

use super::flow::Consent;
use super::steps::Refusal;
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
    pub(super) cloud: Cloud,
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
    pub(super) async fn terms(&self, invite: Option<&InviteKey>) -> Result<Terms, Refusal> {
        match (invite, self.settings.mode) {
            (Some(key), _) => self.invited(key).await,
            (None, ConsentMode::Invite) => Err(CauseCode::InviteNeeded.into()),
            (None, ConsentMode::Open) => Ok(Terms {
                customer: None,
                tenant: None,
                cloud: self.settings.cloud,
                return_url: None,
                used_by: None,
            }),
        }
    }

    async fn invited(&self, key: &InviteKey) -> Result<Terms, Refusal> {
        let found = self.invites.find_invite(key).await.map_err(|error| {
            tracing::error!(event = "consent_store_error", %error, "an invite was not read");
            Refusal::from(error.cause())
        })?;
        let invite = found.ok_or(CauseCode::InviteUnknown)?;
        match invite.check_usable(self.clock.now()) {
            // Who used it is told where the tenant is known.
            Ok(()) | Err(CauseCode::InviteUsed) => {}
            Err(over) => return Err(over.into()),
        }
        if !invite.cloud.shares_authority_with(self.settings.cloud) {
            return Err(CauseCode::WrongCloud.into());
        }
        Ok(Terms {
            customer: Some(invite.customer),
            tenant: invite.tenant,
            cloud: invite.cloud,
            return_url: invite.return_url,
            used_by: invite.used_by,
        })
    }

    /// Whether this person may bind this tenant. Fails closed: that the tenant has
    /// consented does not show that the person is an admin, because anybody can sign in to
    /// a tenant that has consented before.
    pub(super) fn check_person(
        &self,
        terms: &Terms,
        signed_in: &SignedIn,
    ) -> Result<(), CauseCode> {
        if signed_in.tenant == TenantId::CONSUMERS {
            return Err(CauseCode::PersonalAccount);
        }
        match terms.tenant {
            // The operator named this very tenant.
            Some(named) if named == signed_in.tenant => return Ok(()),
            Some(_) => return Err(CauseCode::InviteForAnotherTenant),
            None => {}
        }
        let bound_to_itself = terms.customer.is_none();
        match &signed_in.directory_roles {
            Some(wids) if self.admin_roles(terms.cloud).include_one_of(wids) => Ok(()),
            Some(_) => Err(CauseCode::NotAnAdmin),
            // Microsoft's v1 access tokens have no `wids`; bound to itself a tenant gives
            // nobody anything.
            None if self.settings.flow == ConsentFlow::V1 && bound_to_itself => Ok(()),
            None => Err(CauseCode::AdminNotProven),
        }
    }
}
