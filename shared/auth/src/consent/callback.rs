//! `GET /consent/callback`: what the authority sent back through the browser, after the
//! sign-in and, in the v2 flow, after the admin consent.

use super::ATTEMPT_LIFE;
use super::binding::BindRequest;
use super::flow::Consent;
use super::handles::{Attempt, Confirmation, Seen, cookie_name};
use super::state::{ConsentState, StateRefused, Step};
use super::steps::{Callback, Callbacked, ClearedAttempt, Refusal};
use super::terms::check_person;
use crate::cause::CauseCode;
use crate::identifiers::TenantId;
use crate::ports::{CodeRedemption, SignedIn};
use crate::secret::SecretString;

impl Consent {
    /// `Ok` is the confirm page's handle, or the result's. `cookie` looks a cookie of
    /// this browser up by its name.
    pub async fn callback(
        &self,
        callback: Callback,
        cookie: impl Fn(&str) -> Option<String>,
    ) -> Result<Callbacked, Refusal> {
        // Without our state and our cookie nothing is believed, an error neither: else a
        // stranger could write causes of his choice into our log.
        let (state, attempt) = self.attempt_of(&callback, cookie).await?;
        let invited = attempt.invite.is_some();
        let answered = self.answered(&state, attempt, callback).await;
        answered.map_err(|refusal| refusal.of_attempt(invited))
    }

    async fn answered(
        &self,
        state: &ConsentState,
        attempt: Attempt,
        callback: Callback,
    ) -> Result<Callbacked, Refusal> {
        // An error before all else: an admin-consent error comes with admin_consent=True.
        if let Some(error) = &callback.unverified_error {
            let description = callback.unverified_error_description.as_deref();
            return Err(self.authority.callback_error(error, description).into());
        }
        match state.step {
            Step::SignIn => self.signed_in(state, attempt, callback).await,
            Step::AdminConsent => self.consented(state, attempt, callback).await,
        }
    }

    /// The state is ours and in time, and this browser started it.
    async fn attempt_of(
        &self,
        callback: &Callback,
        cookie: impl Fn(&str) -> Option<String>,
    ) -> Result<(ConsentState, Attempt), CauseCode> {
        let text = callback.unverified_state.as_deref();
        let text = text.ok_or(CauseCode::NotStartedHere)?;
        let state = ConsentState::decode(text, &self.keys, self.clock.now());
        let state = state.map_err(|refused| match refused {
            StateRefused::NotOurs => CauseCode::StartAgain,
            StateRefused::Expired => CauseCode::AttemptExpired,
        })?;
        let Some(value) = cookie(&cookie_name(&state.id())) else {
            return Err(self.without_cookie(&state.id()).await);
        };
        let attempt = Attempt::from_cookie(&value, &state.id(), &self.keys);
        Ok((state, attempt.ok_or(CauseCode::StartAgain)?))
    }

    /// A code came: who signed in is what its token says. An answer without one uses
    /// nothing up.
    async fn signed_in(
        &self,
        state: &ConsentState,
        attempt: Attempt,
        callback: Callback,
    ) -> Result<Callbacked, Refusal> {
        let code = callback.unverified_code.ok_or(CauseCode::StartAgain)?;
        self.use_once(&state.id(), state.expires_at).await?;
        let terms = self.terms(attempt.invite.as_ref()).await?;
        let signed_in = self.redeem(&attempt, &code).await?;
        let tenant = signed_in.tenant;
        let (roles, flow) = (self.admin_roles(attempt.cloud), self.settings.flow);
        let admin = check_person(&terms, &signed_in, &roles, flow)?;
        let customer = terms.customer_of(tenant);
        if terms.is_done_for(tenant)? {
            return Ok(self.done(state, tenant, terms.return_url));
        }
        // Told before the person consents: the tenant is another account's.
        let found = self.binding.check_owner(tenant, &customer).await?;
        let known = found.map(|found| found.cloud);
        let confirmation = Confirmation {
            state_id: state.id(),
            expires_at: self.clock.now() + ATTEMPT_LIFE,
            tenant,
            customer,
            seen: Seen {
                admin,
                delegated: self.are_granted(&signed_in.delegated_scopes),
            },
            username: signed_in.username,
            invite: attempt.invite,
            // Nobody who names no cloud takes a tenant out of its own.
            cloud: terms.cloud.or(known).unwrap_or(attempt.cloud),
        };
        let handle = confirmation.seal(&self.keys, self.random.as_ref());
        Ok(Callbacked::Confirm(handle))
    }

    /// Whether every permission that we need was granted in its delegated form.
    fn are_granted(&self, delegated_scopes: &[String]) -> bool {
        let roles = self.binding.requirements.roles();
        roles.iter().all(|role| delegated_scopes.contains(role))
    }

    async fn redeem(&self, attempt: &Attempt, code: &SecretString) -> Result<SignedIn, Refusal> {
        let redemption = CodeRedemption {
            flow: self.settings.flow,
            tenant: attempt.expected_tenant,
            resource: &self.resource(attempt.cloud),
            redirect_uri: self.settings.redirect_uri.as_str(),
            unverified_code: code,
            code_verifier: &attempt.code_verifier.clone().into(),
            nonce: &attempt.nonce,
        };
        self.authority.redeem(redemption).await.map_err(|error| {
            tracing::warn!(
                event = "code_refused", cause = %error.cause, correlation_id = error.correlation_id,
                "a code was not redeemed: {}", error.cause.code.next_step()
            );
            error.into()
        })
    }

    /// The admin-consent page answered. Its word proves nothing; the tenant it names
    /// must be the one that signed in, and the proof follows.
    async fn consented(
        &self,
        state: &ConsentState,
        attempt: Attempt,
        callback: Callback,
    ) -> Result<Callbacked, Refusal> {
        self.use_once(&state.id(), state.expires_at).await?;
        let tenant = attempt.signed_in.ok_or(CauseCode::StartAgain)?;
        let named = callback
            .unverified_tenant
            .and_then(|text| text.parse::<TenantId>().ok());
        if named != Some(tenant) {
            return Err(CauseCode::TenantMismatch.into());
        }
        let granted = callback.unverified_admin_consent.as_deref();
        if !granted.is_some_and(|word| word.eq_ignore_ascii_case("true")) {
            return Err(CauseCode::ConsentDeclined.into());
        }
        let terms = self.terms(attempt.invite.as_ref()).await?;
        let request = BindRequest {
            tenant,
            customer: &terms.customer_of(tenant),
            cloud: attempt.cloud,
            invite: attempt.invite.as_ref(),
            standing: attempt.seen.standing(attempt.invite.is_some()),
        };
        self.binding.bind(&request).await?;
        Ok(self.done(state, tenant, terms.return_url))
    }

    fn done(
        &self,
        state: &ConsentState,
        tenant: TenantId,
        return_url: Option<url::Url>,
    ) -> Callbacked {
        let cleared = ClearedAttempt(cookie_name(&state.id()));
        Callbacked::Done(self.completed(tenant, return_url), cleared)
    }
}
