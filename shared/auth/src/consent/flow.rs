//! The use case of a consent, and what its steps share. The steps themselves stand in
//! `start.rs`, `passage.rs`, `callback.rs`, `confirm.rs` and `result.rs`, in the order in
//! which an admin meets them. Each takes what the browser brought and says where the browser goes
//! next; a refusal leaves everything as it was.

use std::sync::Arc;

use super::attempts::{cookie_name, surplus};
use super::handles::ATTEMPT_LIFE;
use super::keys::ConsentKeys;
use super::limits::{Limits, Source};
use super::refusal::ConsentRefusal;
use super::state::{ConsentState, StateRefused};
use super::steps::ConsentSettings;
use super::terms::{Terms, TermsBook};
use crate::cause::CauseCode;
use crate::cloud::Cloud;
use crate::identifiers::TenantId;
use crate::invite::InviteKey;
use crate::ports::{
    Clock, ConsentPages, Declined, Granted, Invites, OutOfReach, Random, SingleUse,
    TenantConnector, Tenants,
};
use crate::requirements::Requirements;
use crate::resource::Resource;
use crate::sign_in::ReceiptId;
use crate::timestamp::Timestamp;

/// The consent use case.
pub struct Consent {
    /// The choices of the deployment.
    pub settings: ConsentSettings,
    /// State and cookie keys.
    pub keys: ConsentKeys,
    /// Entra ID's sign-in and consent pages.
    pub pages: Arc<dyn ConsentPages>,
    /// Redeems codes and binds tenants: the function that signs.
    pub connector: Arc<dyn TenantConnector>,
    /// How a tenant stands. They are only read here.
    pub tenants: Arc<dyn Tenants>,
    /// What is asked for.
    pub requirements: Requirements,
    /// Whom an attempt may bind is read there at every step.
    pub invites: Arc<dyn Invites>,
    /// States and confirmations are used once.
    pub single_use: Arc<dyn SingleUse>,
    /// What may be asked of us before anything is proven.
    pub limits: Limits,
    /// When a state, a page and an invite end.
    pub clock: Arc<dyn Clock>,
    /// States, verifiers, nonces.
    pub random: Arc<dyn Random>,
}

impl Consent {
    /// The resource that a sign-in names for a tenant of `cloud`.
    pub(super) fn resource(&self, cloud: Cloud) -> Resource {
        self.requirements.first(cloud)
    }

    /// The terms of an attempt as they are now.
    pub(super) async fn terms(&self, invite: Option<&InviteKey>) -> Result<Terms, ConsentRefusal> {
        let book = TermsBook {
            invites: self.invites.as_ref(),
            mode: self.settings.mode,
            own: self.settings.cloud,
            now: self.clock.now(),
        };
        book.read(invite).await
    }

    /// The cookies of which a browser must be rid, so that it has `kept` attempts at most.
    /// `cookies`: what it sent under [`AttemptCookie::PREFIX`](super::AttemptCookie::PREFIX),
    /// each with name and value. What does not open is of no use and goes first, then the
    /// oldest.
    pub fn surplus_attempts(&self, cookies: Vec<(String, String)>, kept: usize) -> Vec<String> {
        surplus(cookies, kept, &self.keys)
    }

    /// Whether the function that signs could be asked now: before a state is used up. Where it
    /// takes no more, the page says so and comes again by itself.
    pub(super) async fn check_room(&self) -> Result<(), ConsentRefusal> {
        match self.connector.ready().await {
            Err(Declined::OutOfReach(OutOfReach::Busy)) => Err(CauseCode::TooManyRequests.into()),
            asked => Ok(asked?),
        }
    }

    /// Has the tenant bound, and reports what was granted beyond what the landing page names.
    /// What was bound before was reported then.
    pub(super) async fn bind(
        &self,
        tenant: TenantId,
        receipt: &ReceiptId,
        invite: Option<&InviteKey>,
    ) -> Result<(), ConsentRefusal> {
        if let Some(granted) = self.connector.bind(receipt, invite).await? {
            self.report_unlisted(tenant, &granted);
        }
        Ok(())
    }

    /// Once for each consent, for the operator: the customer has lost nothing by it.
    fn report_unlisted(&self, tenant: TenantId, granted: &Granted) {
        let unlisted = match &self.settings.registered {
            Some(registered) => registered.without(&self.resource(granted.cloud), &granted.roles),
            None => {
                let required = self.requirements.roles();
                let roles = granted.roles.iter().filter(|role| !required.contains(role));
                roles.map(String::as_str).collect()
            }
        };
        if !unlisted.is_empty() {
            tracing::warn!(
                event = "consent_unlisted", %tenant, roles = unlisted.join(", "),
                "tenant {tenant} granted permissions that our page does not name: list all that \
                 is registered in CONSENT_REGISTERED_PERMISSIONS, or register less"
            );
        }
    }

    pub(super) fn new_state(&self) -> ConsentState {
        let expires_at = self.clock.now() + ATTEMPT_LIFE;
        ConsentState::new(expires_at, self.random.as_ref())
    }

    /// Fails closed: when the table does not answer, nothing was used.
    pub(super) async fn use_once(
        &self,
        id: &str,
        expires_at: Timestamp,
    ) -> Result<(), ConsentRefusal> {
        match self.single_use.use_once(id, expires_at).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(CauseCode::AttemptUsed.into()),
            Err(error) => {
                tracing::error!(event = "consent_store_error", %error, "a state was not marked as used");
                Err(error.cause().into())
            }
        }
    }

    /// A state that is ours and in time, with the value of its cookie.
    pub(super) async fn state_of(
        &self,
        unverified_state: &str,
        cookie: impl Fn(&str) -> Option<String>,
        source: Source,
    ) -> Result<(ConsentState, String), CauseCode> {
        let state = ConsentState::decode(unverified_state, &self.keys, self.clock.now());
        let state = state.map_err(|refused| match refused {
            StateRefused::NotOurs => CauseCode::StartAgain,
            StateRefused::Expired => CauseCode::AttemptExpired,
        })?;
        match cookie(&cookie_name(&state.id())) {
            Some(value) => Ok((state, value)),
            None => Err(self.without_cookie(&state.id(), source).await),
        }
    }

    /// Why a step of ours comes without its cookie: it is done and the cookie was taken
    /// back, or another browser began it.
    pub(super) async fn without_cookie(&self, id: &str, source: Source) -> CauseCode {
        if let Err(limited) = self.limits.look(source, self.clock.now()) {
            return limited;
        }
        match self.single_use.was_used(id).await {
            Ok(true) => CauseCode::AttemptUsed,
            Ok(false) | Err(_) => CauseCode::OtherBrowser,
        }
    }
}
