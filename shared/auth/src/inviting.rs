//! Making an invite: for the operator's command and for `POST /invites`, which check who
//! may; here is checked what may be in one.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::cloud::Cloud;
use crate::identifiers::{Customer, TenantId};
use crate::invite::{Invite, InviteId};
use crate::ports::{Clock, Invites, Random, StoreError, random_bytes};
use crate::return_urls::ReturnUrls;
use crate::timestamp::Timestamp;

/// How long an invite lives unless it is said.
pub const DEFAULT_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The shortest life: time to open it.
pub const MIN_LIFE: Duration = Duration::from_secs(60);
/// The longest life: who has not opened it by then was not the right person.
pub const MAX_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// What all invites of a deployment have in common.
#[derive(Debug, Clone)]
pub struct InviteSettings {
    /// The landing page.
    pub consent_url: Url,
    /// `CONSENT_RETURN_URLS`.
    pub return_urls: ReturnUrls,
    /// `ENTRA_CLOUD`: the cloud of the registration, and of an invite that names none.
    pub cloud: Cloud,
}

/// What an invite is made from.
#[derive(Debug, Clone)]
pub struct InviteRequest {
    /// The account that the tenant will be bound to.
    pub customer: Customer,
    /// The only tenant that may use it.
    pub tenant: Option<TenantId>,
    /// The operator's word for whoever holds the link: only ever set by the operator.
    pub vouched: bool,
    /// The account that the tenant is bound to, removed or not, as the table has it: `None`
    /// where it is bound to nobody, and where whoever asks may not learn of it. Then the invite
    /// is made all the same, and refused when the tenant's admin uses it.
    pub owner: Option<Customer>,
    /// The tenant's cloud; where it is not said, that of a tenant that is known already, else
    /// the deployment's.
    pub cloud: Option<Cloud>,
    /// How long it can be used; [`DEFAULT_LIFE`] where it is not said.
    pub expires_in: Option<Duration>,
    /// Where the result page offers to go on.
    pub return_url: Option<Url>,
}

/// A new invite's link and its end. The link is a secret of the person it is sent to: no
/// `Debug`.
pub struct CreatedInvite {
    /// The link.
    pub consent_url: Url,
    /// From then on it is refused.
    pub expires_at: Timestamp,
}

/// Why no invite was made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InviteError {
    /// Too short or too long.
    #[error("an invite lives from 60 seconds to 90 days")]
    Life,
    /// The return URL is not under an entry of the allow-list.
    #[error("return_url is not allowed: it must lie under an entry of CONSENT_RETURN_URLS")]
    ReturnUrl,
    /// The registration is not known at that cloud's authority.
    #[error(
        "tenants of {0} sign in at another authority: they need a registration and a deployment \
         of their own"
    )]
    Cloud(Cloud),
    /// The consumers' tenant.
    #[error("this is the tenant of personal accounts: only organisations can be connected")]
    PersonalAccounts,
    /// The named tenant is bound to another account: its admin would be refused.
    #[error(
        "the tenant is bound to another customer account, removed or not: the operator moves it \
         first (`operator tenants move`)"
    )]
    BoundToAnotherCustomer,
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes invites.
pub struct Inviting {
    /// What they have in common.
    pub settings: InviteSettings,
    /// Where they are kept.
    pub invites: Arc<dyn Invites>,
    /// From when an invite counts its life.
    pub clock: Arc<dyn Clock>,
    /// Makes the ids in the links.
    pub random: Arc<dyn Random>,
}

impl Inviting {
    /// Checks, makes and keeps an invite.
    pub async fn create(&self, request: InviteRequest) -> Result<CreatedInvite, InviteError> {
        let life = request.expires_in.unwrap_or(DEFAULT_LIFE);
        self.check(&request, life)?;
        let now = self.clock.now();
        let id = InviteId::new(random_bytes(self.random.as_ref()));
        let invite = Invite {
            customer: request.customer,
            tenant: request.tenant,
            vouched: request.vouched && request.tenant.is_some(),
            cloud: request.cloud,
            created_at: now,
            expires_at: now + life,
            return_url: request.return_url,
            used_by: None,
        };
        self.invites.create_invite(&id.key(), &invite).await?;
        tracing::info!(
            event = "invite_created", invite = %id.key(), customer = %invite.customer,
            tenant = invite.tenant.map(tracing::field::display), expires_at = %invite.expires_at,
            "an invite for {} was made", invite.customer
        );
        Ok(CreatedInvite {
            consent_url: self.link(&id),
            expires_at: invite.expires_at,
        })
    }

    fn check(&self, request: &InviteRequest, life: Duration) -> Result<(), InviteError> {
        if !(MIN_LIFE..=MAX_LIFE).contains(&life) {
            return Err(InviteError::Life);
        }
        let allowed = |url: &Url| self.settings.return_urls.allows(url);
        if !request.return_url.as_ref().is_none_or(allowed) {
            return Err(InviteError::ReturnUrl);
        }
        match request.cloud {
            Some(cloud) if !cloud.shares_authority_with(self.settings.cloud) => {
                return Err(InviteError::Cloud(cloud));
            }
            _ => {}
        }
        let is_of_another = request
            .owner
            .as_ref()
            .is_some_and(|owner| *owner != request.customer);
        match request.tenant {
            Some(TenantId::CONSUMERS) => Err(InviteError::PersonalAccounts),
            Some(_) if is_of_another => Err(InviteError::BoundToAnotherCustomer),
            _ => Ok(()),
        }
    }

    fn link(&self, id: &InviteId) -> Url {
        let mut url = self.settings.consent_url.clone();
        url.query_pairs_mut()
            .clear()
            .append_pair("invite", id.expose());
        url
    }
}
