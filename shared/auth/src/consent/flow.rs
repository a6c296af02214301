//! The steps of a consent, in the order in which an admin meets them. Each takes what
//! the browser brought and says where the browser goes next; a refusal is a cause for
//! the result page and leaves everything as it was.

use std::sync::Arc;

use super::binding::Binding;
use super::handles::{
    ATTEMPT_LIFE, Attempt, Confirmation, Handle, Outcome, RESULT_LIFE, cookie_name,
};
use super::keys::ConsentKeys;
use super::state::{ConsentState, Step};
use super::steps::{
    Begun, Callback, Callbacked, ClearedAttempt, ConfirmView, Confirmed, ConsentSettings, Refusal,
    ResultView,
};
use crate::cause::CauseCode;
use crate::encoding::{base64url, random_text};
use crate::identifiers::{Customer, TenantId};
use crate::ports::{
    Clock, CodeRedemption, ConsentAuthority, Random, SignInRequest, SignedIn, SingleUse,
};
use crate::protocol::{ConsentFlow, ConsentMode};
use crate::secret::SecretString;
use crate::timestamp::Timestamp;

/// The consent use case.
pub struct Consent {
    /// Settings.
    pub settings: ConsentSettings,
    /// State and cookie keys.
    pub keys: ConsentKeys,
    /// Entra ID's sign-in and consent pages.
    pub authority: Arc<dyn ConsentAuthority>,
    /// Proof and binding.
    pub binding: Binding,
    /// States and confirmations are used once.
    pub single_use: Arc<dyn SingleUse>,
    /// Now.
    pub clock: Arc<dyn Clock>,
    /// States, verifiers, nonces.
    pub random: Arc<dyn Random>,
}

impl Consent {
    /// `POST /consent/start`: a new attempt.
    pub fn begin(&self) -> Result<Begun, Refusal> {
        // Until invites exist nobody can hold one: invite mode refuses everybody.
        if self.settings.mode == ConsentMode::Invite {
            return Err(CauseCode::InviteNeeded.into());
        }
        let attempt = Attempt {
            code_verifier: random_text::<32>(self.random.as_ref()),
            nonce: random_text::<16>(self.random.as_ref()),
            customer: None,
            expected_tenant: None,
            signed_in: None,
        };
        let state = self.new_state(Step::SignIn);
        let location = self.authority.sign_in_url(&SignInRequest {
            flow: self.settings.flow,
            tenant: attempt.expected_tenant,
            resource: &self.settings.resource,
            redirect_uri: &self.settings.redirect_uri,
            state: &state.encode(&self.keys),
            code_challenge: &code_challenge(&attempt.code_verifier),
            nonce: &attempt.nonce,
        });
        Ok(Begun {
            location,
            cookie: attempt.to_cookie(&state, &self.keys, self.random.as_ref()),
        })
    }

    /// `GET /consent/callback`: `Ok` is the confirm page's handle, or the result's.
    /// `cookie` looks a cookie of this browser up by its name.
    pub async fn callback(
        &self,
        callback: Callback,
        cookie: impl Fn(&str) -> Option<String>,
    ) -> Result<Callbacked, Refusal> {
        // Without our state and our cookie nothing is believed, an error neither: else a
        // stranger could write causes of his choice into our log.
        let (state, attempt) = self.attempt_of(&callback, cookie)?;
        // An error before all else: an admin-consent error comes with admin_consent=True.
        if let Some(error) = &callback.unverified_error {
            let description = callback.unverified_error_description.as_deref();
            return Err(self.authority.callback_cause(error, description));
        }
        // An answer without what the step waits for uses nothing up.
        if state.step == Step::SignIn && callback.unverified_code.is_none() {
            return Err(CauseCode::StartAgain.into());
        }
        self.use_once(&state.id(), state.expires_at).await?;
        match state.step {
            Step::SignIn => self.signed_in(&state, attempt, callback).await,
            Step::AdminConsent => self.consented(&state, attempt, callback).await,
        }
    }

    /// `GET /consent/confirm/{handle}`.
    pub fn confirm_view(&self, handle: &Handle) -> Result<ConfirmView, Refusal> {
        let confirmation = self.open_confirmation(handle)?;
        Ok(ConfirmView {
            tenant: confirmation.tenant,
            customer: confirmation.customer,
            username: confirmation.username,
        })
    }

    /// `POST /consent/confirm`: the person said yes. The handle alone is not enough:
    /// the cookie of the browser that signed in must come along.
    pub async fn confirm(
        &self,
        handle: &Handle,
        cookie: impl Fn(&str) -> Option<String>,
    ) -> Result<(Confirmed, ClearedAttempt), Refusal> {
        let confirmation = self.open_confirmation(handle)?;
        let name = cookie_name(&confirmation.state_id);
        cookie(&name)
            .and_then(|value| Attempt::from_cookie(&value, &confirmation.state_id, &self.keys))
            .ok_or(CauseCode::StartAgain)?;
        let once = format!("confirm-{}", confirmation.state_id);
        self.use_once(&once, confirmation.expires_at).await?;
        let confirmed = match self.settings.flow {
            ConsentFlow::V2 => Confirmed::Consent(self.ask_for_consent(&confirmation)),
            ConsentFlow::V1 => Confirmed::Done(
                self.bind(confirmation.tenant, &confirmation.customer)
                    .await?,
            ),
        };
        Ok((confirmed, ClearedAttempt(name)))
    }

    /// `GET /consent/result/{handle}`.
    pub async fn result_view(&self, handle: &Handle) -> Result<ResultView, Refusal> {
        let outcome =
            Outcome::open(handle, &self.keys, self.clock.now()).ok_or(CauseCode::StartAgain)?;
        if let Some(cause) = outcome.refused {
            return Ok(ResultView::Refused {
                cause,
                at: outcome.at,
            });
        }
        let tenant = outcome.tenant.ok_or(CauseCode::StartAgain)?;
        match self.binding.tenants.find(tenant).await {
            Ok(Some(tenant)) => Ok(ResultView::Tenant(tenant)),
            Ok(None) => Err(CauseCode::StartAgain.into()),
            Err(error) => Err(error.cause()),
        }
    }

    /// The handle of a result page that tells `refusal`.
    pub fn refused(&self, refusal: Refusal) -> Handle {
        let now = self.clock.now();
        tracing::info!(
            event = "consent_refused", cause = %refusal,
            "a consent ended without a tenant: {refusal}"
        );
        let outcome = Outcome {
            at: now,
            expires_at: now + RESULT_LIFE,
            tenant: None,
            refused: Some(refusal),
        };
        outcome.seal(&self.keys, self.random.as_ref())
    }

    /// The state is ours and in time, and this browser started it.
    fn attempt_of(
        &self,
        callback: &Callback,
        cookie: impl Fn(&str) -> Option<String>,
    ) -> Result<(ConsentState, Attempt), Refusal> {
        let again = CauseCode::StartAgain;
        let text = callback.unverified_state.as_deref().ok_or(again)?;
        let state = ConsentState::decode(text, &self.keys, self.clock.now()).ok_or(again)?;
        let value = cookie(&cookie_name(&state.id())).ok_or(again)?;
        let attempt = Attempt::from_cookie(&value, &state.id(), &self.keys).ok_or(again)?;
        Ok((state, attempt))
    }

    /// A code came: who signed in is what its token says.
    async fn signed_in(
        &self,
        state: &ConsentState,
        attempt: Attempt,
        callback: Callback,
    ) -> Result<Callbacked, Refusal> {
        let code = callback.unverified_code.ok_or(CauseCode::StartAgain)?;
        let signed_in = self.redeem(&attempt, &code).await?;
        if signed_in.tenant == TenantId::CONSUMERS {
            return Err(CauseCode::SignInFailed.into());
        }
        if attempt
            .expected_tenant
            .is_some_and(|expected| expected != signed_in.tenant)
        {
            return Err(CauseCode::TenantMismatch.into());
        }
        let confirmation = Confirmation {
            state_id: state.id(),
            expires_at: self.clock.now() + ATTEMPT_LIFE,
            tenant: signed_in.tenant,
            customer: attempt
                .customer
                .unwrap_or_else(|| Customer::itself(signed_in.tenant)),
            username: signed_in.username,
        };
        let handle = confirmation.seal(&self.keys, self.random.as_ref());
        Ok(Callbacked::Confirm(handle))
    }

    async fn redeem(&self, attempt: &Attempt, code: &SecretString) -> Result<SignedIn, Refusal> {
        let redemption = CodeRedemption {
            flow: self.settings.flow,
            tenant: attempt.expected_tenant,
            resource: &self.settings.resource,
            redirect_uri: &self.settings.redirect_uri,
            unverified_code: code,
            code_verifier: &attempt.code_verifier.clone().into(),
            nonce: &attempt.nonce,
        };
        self.authority.redeem(redemption).await.map_err(|error| {
            tracing::warn!(
                event = "code_refused", cause = %error.cause, correlation_id = error.correlation_id,
                "a code was not redeemed: {}", error.cause.code.next_step()
            );
            error.cause
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
        let signed_in = attempt.signed_in.ok_or(CauseCode::StartAgain)?;
        let named = callback
            .unverified_tenant
            .and_then(|text| text.parse().ok());
        if named != Some(signed_in) {
            return Err(CauseCode::TenantMismatch.into());
        }
        let granted = callback.unverified_admin_consent.as_deref();
        if !granted.is_some_and(|word| word.eq_ignore_ascii_case("true")) {
            return Err(CauseCode::ConsentDeclined.into());
        }
        let customer = attempt
            .customer
            .unwrap_or_else(|| Customer::itself(signed_in));
        let handle = self.bind(signed_in, &customer).await?;
        let cleared = ClearedAttempt(cookie_name(&state.id()));
        Ok(Callbacked::Done(handle, cleared))
    }

    /// The second step of the v2 flow: a state and a cookie of its own.
    fn ask_for_consent(&self, confirmation: &Confirmation) -> Begun {
        let attempt = Attempt {
            code_verifier: String::new(),
            nonce: String::new(),
            customer: Some(confirmation.customer.clone()),
            expected_tenant: Some(confirmation.tenant),
            signed_in: Some(confirmation.tenant),
        };
        let state = self.new_state(Step::AdminConsent);
        Begun {
            location: self.authority.admin_consent_url(
                confirmation.tenant,
                &self.settings.resource,
                &self.settings.redirect_uri,
                &state.encode(&self.keys),
            ),
            cookie: attempt.to_cookie(&state, &self.keys, self.random.as_ref()),
        }
    }

    async fn bind(&self, tenant: TenantId, customer: &Customer) -> Result<Handle, Refusal> {
        self.binding
            .bind(tenant, customer, self.settings.cloud)
            .await?;
        let now = self.clock.now();
        let outcome = Outcome {
            at: now,
            expires_at: now + RESULT_LIFE,
            tenant: Some(tenant),
            refused: None,
        };
        Ok(outcome.seal(&self.keys, self.random.as_ref()))
    }

    fn new_state(&self, step: Step) -> ConsentState {
        let expires_at = self.clock.now() + ATTEMPT_LIFE;
        ConsentState::new(step, expires_at, self.random.as_ref())
    }

    fn open_confirmation(&self, handle: &Handle) -> Result<Confirmation, Refusal> {
        Confirmation::open(handle, &self.keys, self.clock.now())
            .ok_or_else(|| CauseCode::StartAgain.into())
    }

    /// Fails closed: when the table does not answer, nothing was used.
    async fn use_once(&self, id: &str, expires_at: Timestamp) -> Result<(), Refusal> {
        match self.single_use.use_once(id, expires_at).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(CauseCode::StartAgain.into()),
            Err(error) => {
                tracing::error!(event = "consent_store_error", %error, "a state was not marked as used");
                Err(error.cause())
            }
        }
    }
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
fn code_challenge(verifier: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    base64url(digest.as_ref())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        assert_eq!(
            super::code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
