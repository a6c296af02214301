//! The use case of a consent, and what its steps share. The steps themselves stand in
//! `start.rs`, `passage.rs`, `callback.rs`, `confirm.rs` and `result.rs`, in the order in
//! which an admin meets them. Each takes what the browser brought and says where the browser goes
//! next; a refusal leaves everything as it was.

use std::sync::Arc;

use super::admin_roles::AdminRoles;
use super::attempts::{cookie_name, surplus};
use super::binding::{BindRequest, Binding};
use super::handles::ATTEMPT_LIFE;
use super::keys::ConsentKeys;
use super::limits::{Limits, Source};
use super::refusal::ConsentRefusal;
use super::state::{ConsentState, StateRefused};
use super::steps::ConsentSettings;
use crate::cause::CauseCode;
use crate::cloud::Cloud;
use crate::ports::{Clock, ConsentAuthority, Invites, Random, SingleUse};
use crate::resource::Resource;
use crate::tenant::Tenant;
use crate::timestamp::Timestamp;

/// The consent use case.
pub struct Consent {
    /// The choices of the deployment.
    pub settings: ConsentSettings,
    /// State and cookie keys.
    pub keys: ConsentKeys,
    /// Entra ID's sign-in and consent pages.
    pub authority: Arc<dyn ConsentAuthority>,
    /// Proof and binding.
    pub binding: Binding,
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
        self.binding.requirements.first(cloud)
    }

    /// Who may grant the permissions of all resources.
    pub(super) fn admin_roles(&self, cloud: Cloud) -> AdminRoles {
        let set = self.settings.admin_roles.clone();
        set.unwrap_or_else(|| AdminRoles::of(&self.binding.requirements.resources(cloud)))
    }

    /// The cookies of which a browser must be rid, so that it has `kept` attempts at most.
    /// `cookies`: what it sent under [`AttemptCookie::PREFIX`](super::AttemptCookie::PREFIX),
    /// each with name and value. What does not open is of no use and goes first, then the
    /// oldest.
    pub fn surplus_attempts(&self, cookies: Vec<(String, String)>, kept: usize) -> Vec<String> {
        surplus(cookies, kept, &self.keys)
    }

    /// Binds, and reports what was granted beyond what the landing page names.
    pub(super) async fn bind(&self, request: &BindRequest<'_>) -> Result<(), ConsentRefusal> {
        let asked_at = self.clock.now();
        let bound = self.binding.bind(request).await?;
        // What was bound before was reported then.
        if bound.consented_at >= Some(asked_at) {
            self.report_unlisted(&bound);
        }
        Ok(())
    }

    /// Once for each consent, for the operator: the customer has lost nothing by it.
    fn report_unlisted(&self, bound: &Tenant) {
        let unlisted = match &self.settings.registered {
            Some(registered) => registered.without(&self.resource(bound.cloud), &bound.roles),
            None => {
                let required = self.binding.requirements.roles();
                let roles = bound.roles.iter().filter(|role| !required.contains(role));
                roles.map(String::as_str).collect()
            }
        };
        if !unlisted.is_empty() {
            tracing::warn!(
                event = "consent_unlisted", tenant = %bound.id, roles = unlisted.join(", "),
                "tenant {} granted permissions that our page does not name: list all that is \
                 registered in CONSENT_REGISTERED_PERMISSIONS, or register less", bound.id
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
