//! From a code to a bound tenant. Consent decides the same to show the right page; what binds
//! is decided here, from the row of the sign-in and from the table alone.

use std::sync::Arc;

use async_trait::async_trait;

use super::evidence::{Evidence, shortened};
use super::limits::ConnectLimits;
use crate::cause::CauseCode;
use crate::cloud::Cloud;
use crate::consent::home::{lives_in, report_corrected};
use crate::consent::owner::check_owner;
use crate::consent::terms::{Terms, TermsBook, check_person};
use crate::consent::{AdminRoles, BindRequest, Binding, Bound, ConsentRefusal, Standing};
use crate::identifiers::Customer;
use crate::invite::InviteKey;
use crate::ports::{
    AuthorityError, CodeRedeemer, CodeRedemption, Declined, Granted, Random, Receipted, Redemption,
    SignIns, SignedIn, StoreError, TenantConnector, Write, random_bytes,
};
use crate::protocol::{ConsentFlow, ConsentMode};
use crate::redirect_uri::RedirectUri;
use crate::sign_in::{AdminRole, RECEIPT_LIFE, ReceiptId, SignIn};
use crate::tenant::Tenant;

/// The settings by which it is decided who may bind.
#[derive(Debug, Clone)]
pub struct ConnectSettings {
    /// `CONSENT_FLOW`.
    pub flow: ConsentFlow,
    /// `CONSENT_MODE`.
    pub mode: ConsentMode,
    /// `CONSENT_REDIRECT_URI`: where codes are sent to.
    pub redirect_uri: RedirectUri,
    /// The cloud of the registration.
    pub cloud: Cloud,
    /// `CONSENT_ADMIN_ROLES`; those of the resources where it is not set.
    pub admin_roles: Option<AdminRoles>,
}

/// Redeems codes and binds tenants.
pub struct ConnectOnDemand {
    /// Who may bind.
    pub settings: ConnectSettings,
    /// Redeems the codes.
    pub codes: Arc<dyn CodeRedeemer>,
    /// Proof and binding; its issuer says where a tenant lives.
    pub binding: Binding,
    /// What sign-ins showed.
    pub sign_ins: Arc<dyn SignIns>,
    /// How often.
    pub limits: ConnectLimits,
    /// Receipts.
    pub random: Arc<dyn Random>,
}

#[async_trait]
impl TenantConnector for ConnectOnDemand {
    async fn redeem(&self, redemption: &Redemption) -> Result<Receipted, Declined> {
        self.limits.code(self.binding.clock.now())?;
        let signed_in = self.signed_in(redemption).await?;
        let sign_in = SignIn {
            tenant: signed_in.tenant,
            person: signed_in.person,
            role: self.role_of(&signed_in),
            delegated: self.are_granted(&signed_in.delegated_scopes),
            home: self.binding.issuer.home_of(signed_in.tenant).await,
            expires_at: self.binding.clock.now() + RECEIPT_LIFE,
        };
        let receipt = ReceiptId::new(random_bytes(self.random.as_ref()));
        let kept = self.sign_ins.keep_sign_in(&receipt.key(), &sign_in).await;
        kept.map_err(|error| store_failed(&error))?;
        Ok(Receipted {
            receipt,
            tenant: sign_in.tenant,
            username: signed_in.username,
            role: sign_in.role,
            home: sign_in.home,
        })
    }

    async fn bind(
        &self,
        receipt: &ReceiptId,
        invite: Option<&InviteKey>,
    ) -> Result<Option<Granted>, Declined> {
        let sign_in = self.found(receipt).await?;
        let asked_at = self.binding.clock.now();
        self.limits.binding(sign_in.tenant, asked_at)?;
        let terms = self.terms().read(invite).await?;
        // Whatever consent has checked is checked again, and first what shows a second link.
        let (tenant, flow) = (sign_in.tenant, self.settings.flow);
        check_person(&terms, tenant, sign_in.role, flow)?;
        self.use_up(receipt, &sign_in, invite).await?;
        let (customer, cloud) = self.placed(&sign_in, &terms).await?;
        let request = BindRequest {
            tenant: sign_in.tenant,
            customer: &customer,
            cloud,
            invite,
            standing: standing(&sign_in, invite.is_some()),
        };
        let evidence = Evidence::of(&sign_in, invite);
        let announce = |tenant: &Tenant| evidence.report_binding(tenant);
        let Bound::Now(bound) = self.binding.bind(&request, &announce).await? else {
            return Ok(None);
        };
        evidence.report_bound(&bound);
        Ok(Some(Granted {
            cloud: bound.cloud,
            roles: bound.roles,
        }))
    }
}

impl ConnectOnDemand {
    async fn signed_in(&self, redemption: &Redemption) -> Result<SignedIn, Declined> {
        // The cloud is consent's word. It only names the resource whose token is checked.
        if !redemption.cloud.shares_authority_with(self.settings.cloud) {
            return Err(CauseCode::WrongCloud.into());
        }
        let resource = self.binding.requirements.first(redemption.cloud);
        let redeemed = self.codes.redeem(CodeRedemption {
            flow: self.settings.flow,
            tenant: redemption.tenant,
            resource: &resource,
            redirect_uri: self.settings.redirect_uri.as_str(),
            unverified_code: &redemption.unverified_code,
            code_verifier: &redemption.code_verifier,
            nonce: &redemption.nonce,
        });
        redeemed.await.map_err(code_refused)
    }

    /// Whether the person can grant the permissions of all resources.
    fn role_of(&self, signed_in: &SignedIn) -> AdminRole {
        let roles = match &self.settings.admin_roles {
            Some(roles) => roles.clone(),
            None => AdminRoles::of(&self.binding.requirements.resources(self.settings.cloud)),
        };
        match &signed_in.directory_roles {
            Some(wids) if roles.include_one_of(wids) => AdminRole::Held,
            Some(_) => AdminRole::NotHeld,
            None => AdminRole::NotShown,
        }
    }

    /// Whether every permission that we need was granted in its delegated form.
    fn are_granted(&self, delegated_scopes: &[String]) -> bool {
        let roles = self.binding.requirements.roles();
        roles.iter().all(|role| delegated_scopes.contains(role))
    }

    /// Fails closed because a receipt that is not there, or whose time is over, shows nothing
    /// of any person.
    async fn found(&self, receipt: &ReceiptId) -> Result<SignIn, Declined> {
        let found = self.sign_ins.find_sign_in(&receipt.key()).await;
        let found = found.map_err(|error| store_failed(&error))?;
        let sign_in = found.ok_or(CauseCode::StartAgain)?;
        if self.binding.clock.now() < sign_in.expires_at {
            Ok(sign_in)
        } else {
            Err(CauseCode::AttemptExpired.into())
        }
    }

    fn terms(&self) -> TermsBook<'_> {
        TermsBook {
            invites: self.binding.invites.as_ref(),
            mode: self.settings.mode,
            own: self.settings.cloud,
            now: self.binding.clock.now(),
        }
    }

    /// To which account, and under which cloud.
    async fn placed(
        &self,
        sign_in: &SignIn,
        terms: &Terms,
    ) -> Result<(Customer, Cloud), ConsentRefusal> {
        let (tenant, own) = (sign_in.tenant, self.settings.cloud);
        let customer = terms.customer_of(tenant);
        let found = check_owner(self.binding.tenants.as_ref(), tenant, &customer).await?;
        let known = found.map(|found| found.cloud);
        let named = terms.cloud.or(known).unwrap_or(own);
        let cloud = lives_in(sign_in.home, own, named)?;
        report_corrected(tenant, named, cloud);
        Ok((customer, cloud))
    }

    /// A sign-in is for the invite that it is first used with. Fails closed because the person
    /// came by one link: a second one with the same receipt can be someone else's.
    async fn use_up(
        &self,
        receipt: &ReceiptId,
        sign_in: &SignIn,
        invite: Option<&InviteKey>,
    ) -> Result<(), Declined> {
        let used = self.sign_ins.use_sign_in(&receipt.key(), invite).await;
        match used.map_err(|error| store_failed(&error))? {
            Write::Done => Ok(()),
            Write::Stale => {
                tracing::warn!(
                    target: "audit", event = "sign_in_used_again", tenant = %sign_in.tenant,
                    invite = invite.map(shortened),
                    "a sign-in that was used with one invite was brought with another, or has just ended"
                );
                Err(CauseCode::SignInUsed.into())
            }
        }
    }
}

/// What the sign-in says for the person. A tenant that is bound to itself is
/// given to no other account: it may wait.
fn standing(sign_in: &SignIn, invited: bool) -> Standing {
    let admin = sign_in.role == AdminRole::Held;
    Standing {
        may_wait: admin || !invited,
        may_renew: admin,
        consented: true,
        delegated: sign_in.delegated,
    }
}

fn code_refused(error: AuthorityError) -> Declined {
    tracing::warn!(
        event = "code_refused", cause = %error.cause, correlation_id = error.correlation_id,
        "a code was not redeemed: {}", error.cause.code.next_step()
    );
    Declined::Refused {
        cause: error.cause,
        correlation_id: error.correlation_id,
    }
}

fn store_failed(error: &StoreError) -> Declined {
    tracing::error!(event = "on_demand_store_error", %error, "a sign-in was not kept or found");
    error.cause().into()
}
