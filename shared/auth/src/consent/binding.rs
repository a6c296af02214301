//! Proof and binding: a tenant is connected when an app-only token with the needed
//! roles shows that it has consented, and it is never moved to another account.

use std::sync::Arc;

use super::owner::{check_owner, store_failed};
use super::refusal::ConsentRefusal;
use super::standing::Standing;
use crate::cause::{Cause, CauseCode};
use crate::cloud::Cloud;
use crate::identifiers::{Customer, TenantId};
use crate::invite::InviteKey;
use crate::ports::{Clock, Connecting, Invites, Tenants, TokenIssuer, Write};
use crate::proof::{NotProven, prove};
use crate::renew::report_change;
use crate::requirements::Requirements;
use crate::tenant::{Tenant, TenantStatus};

/// Writers that meet here are two clicks of one person; more rounds than this mean
/// that something else is wrong.
const ROUNDS: usize = 3;

/// What proof and binding need.
pub struct Binding {
    /// Where the tenant is written.
    pub tenants: Arc<dyn Tenants>,
    /// Whether the invite can still bind somebody.
    pub invites: Arc<dyn Invites>,
    /// Gives the token that is the proof.
    pub issuer: Arc<dyn TokenIssuer>,
    /// What the proof must show.
    pub requirements: Requirements,
    /// When the tenant was bound.
    pub clock: Arc<dyn Clock>,
}

/// What is to be bound to whom.
#[derive(Debug, Clone, Copy)]
pub struct BindRequest<'a> {
    /// The tenant; whoever asks has checked that it is his to bind.
    pub tenant: TenantId,
    /// The account.
    pub customer: &'a Customer,
    /// The cloud that the tenant lives in.
    pub cloud: Cloud,
    /// The invite that is used up.
    pub invite: Option<&'a InviteKey>,
    /// What speaks for whoever asks.
    pub standing: Standing,
}

/// A tenant that is bound.
#[derive(Debug, Clone)]
pub enum Bound {
    /// This request wrote it.
    Now(Tenant),
    /// It was bound before, by another request or an earlier try of this one.
    Before(Tenant),
}

impl Bound {
    /// The tenant as it then stands.
    pub fn into_tenant(self) -> Tenant {
        let (Bound::Now(tenant) | Bound::Before(tenant)) = self;
        tenant
    }
}

/// What is left to do.
enum Remaining {
    /// To write this tenant anew, or a new one.
    Bind(Option<Tenant>),
    /// Nothing: it was bound with this very invite, or works and is not to be renewed.
    Nothing(Tenant),
}

impl Binding {
    /// Binds a tenant: `active` when the proof holds, `propagating` when the roles have
    /// not arrived yet. What the table holds of its tokens is dropped: the next one shows
    /// what was granted now. `announce` gets the tenant right before each write: evidence
    /// comes first, because a process can end between a write and what follows it.
    pub async fn bind(
        &self,
        request: &BindRequest<'_>,
        announce: &(dyn Fn(&Tenant) + Sync),
    ) -> Result<Bound, ConsentRefusal> {
        if let Remaining::Nothing(done) = self.remaining(request).await? {
            return Ok(Bound::Before(done));
        }
        let proof = self.prove(request).await;
        for _ in 0..ROUNDS {
            let before = match self.remaining(request).await? {
                Remaining::Bind(before) => before,
                Remaining::Nothing(done) => return Ok(Bound::Before(done)),
            };
            let after = self.connected(request, before.as_ref(), &proof)?;
            announce(&after);
            let write = self
                .tenants
                .connect(Connecting {
                    before: before.as_ref(),
                    after: &after,
                    resources: &self.requirements.resources(request.cloud),
                    due_at: self.clock.now(),
                    invite: request.invite,
                })
                .await
                .map_err(|error| store_failed(&error))?;
            if write == Write::Done {
                report_connected(before.as_ref(), &after);
                return Ok(Bound::Now(after));
            }
        }
        Err(CauseCode::BrokerUnavailable.into())
    }

    /// What is left to do. Fails when the tenant is not this account's to bind, or the
    /// invite not its to use.
    async fn remaining(&self, request: &BindRequest<'_>) -> Result<Remaining, Cause> {
        let tenants = self.tenants.as_ref();
        let found = check_owner(tenants, request.tenant, request.customer).await?;
        if let Some(key) = request.invite {
            let invite = self.invites.find_invite(key).await;
            let invite = invite.map_err(|error| store_failed(&error))?;
            let used_by = invite.ok_or(CauseCode::InviteUnknown)?.used_by;
            return match (used_by, found) {
                (None, found) => Ok(Remaining::Bind(found)),
                (Some(bound), Some(found)) if bound == found.id => Ok(Remaining::Nothing(found)),
                _ => Err(CauseCode::InviteUsed.into()),
            };
        }
        match found {
            Some(found) if request.standing.may_renew => Ok(Remaining::Bind(Some(found))),
            Some(found) if found.status == TenantStatus::Removed => Err(CauseCode::Removed.into()),
            Some(found) if found.status == TenantStatus::Active => Ok(Remaining::Nothing(found)),
            found => Ok(Remaining::Bind(found)),
        }
    }

    /// What the app-only tokens of the tenant showed. They are looked at and dropped:
    /// the refresher asks for one that is kept.
    async fn prove(&self, request: &BindRequest<'_>) -> Result<Vec<String>, NotProven> {
        let (issuer, requirements) = (self.issuer.as_ref(), &self.requirements);
        let proof = prove(issuer, requirements, request.tenant, request.cloud).await;
        proof.map_err(|mut refused| {
            let code = &mut refused.error.cause.code;
            if *code == CauseCode::RolesMissing && request.standing.delegated {
                *code = CauseCode::DelegatedOnly;
            }
            refused
        })
    }

    /// The tenant to write, or why nothing is written. Only what passes by itself makes
    /// a tenant `propagating`; every other cause is told and leaves the table alone. A
    /// proof that fails takes nothing from a tenant that works either, or anybody who
    /// can sign in there could stop its tokens.
    fn connected(
        &self,
        request: &BindRequest<'_>,
        before: Option<&Tenant>,
        proof: &Result<Vec<String>, NotProven>,
    ) -> Result<Tenant, ConsentRefusal> {
        let works = before.is_some_and(|before| before.status == TenantStatus::Active);
        if let Err(refused) = proof {
            let waits = request.standing.may_wait && is_on_its_way(refused.error.cause.code);
            if works || !waits {
                return Err(refused.error.clone().into());
            }
        }
        let now = self.clock.now();
        let status = match proof {
            Ok(_) => TenantStatus::Active,
            Err(_) => TenantStatus::Propagating,
        };
        let refused = proof.as_ref().err();
        // Coming back again and again does not put off the end of the wait.
        let since = before
            .filter(|before| before.status == status)
            .map_or(now, |before| before.since);
        Ok(Tenant {
            id: request.tenant,
            customer: request.customer.clone(),
            cloud: request.cloud,
            status,
            cause: refused.map(|refused| refused.error.cause.clone()),
            cause_resource: refused.map(|refused| refused.resource.clone()),
            since,
            consented_at: match request.standing.consented {
                true => Some(now),
                false => before.and_then(|before| before.consented_at),
            },
            roles: proof.as_ref().cloned().unwrap_or_default(),
            tags: before.map(|before| before.tags.clone()).unwrap_or_default(),
            version: None,
        })
    }
}

/// What the sign-in showed in its delegated form may follow in the application form.
fn is_on_its_way(code: CauseCode) -> bool {
    code.is_on_its_way() || code == CauseCode::DelegatedOnly
}

fn report_connected(before: Option<&Tenant>, after: &Tenant) {
    match before {
        Some(before) if before.status != after.status => report_change(before, after),
        Some(_) => tracing::info!(
            event = "tenant_consented_again", tenant = %after.id, customer = %after.customer,
            "tenant {} consented again", after.id
        ),
        None => tracing::info!(
            event = "tenant_connected", tenant = %after.id, customer = %after.customer,
            status = %after.status, cause = after.cause.as_ref().map(tracing::field::display),
            "tenant {} is connected and {}", after.id, after.status
        ),
    }
}
