//! The confirm page and `POST /consent/confirm`: nothing is bound before the person said
//! to which account.

use super::binding::BindRequest;
use super::flow::Consent;
use super::handles::{Attempt, Confirmation, Handle, cookie_name};
use super::state::Step;
use super::steps::{Begun, ClearedAttempt, ConfirmView, Confirmed, Refusal};
use crate::cause::CauseCode;
use crate::protocol::ConsentFlow;

impl Consent {
    /// `GET /consent/confirm/{handle}`.
    pub fn confirm_view(&self, handle: &Handle) -> Result<ConfirmView, Refusal> {
        let confirmation = self.open_confirmation(handle)?;
        Ok(ConfirmView {
            tenant: confirmation.tenant,
            customer: confirmation.customer,
            username: confirmation.username,
            asks_microsoft: self.settings.flow == ConsentFlow::V2,
        })
    }

    /// The person said yes. The handle alone is not enough: the cookie of the browser
    /// that signed in must come along.
    pub async fn confirm(
        &self,
        handle: &Handle,
        cookie: impl Fn(&str) -> Option<String>,
    ) -> Result<(Confirmed, ClearedAttempt), Refusal> {
        let confirmation = self.open_confirmation(handle)?;
        let name = cookie_name(&confirmation.state_id);
        let once = format!("confirm-{}", confirmation.state_id);
        let Some(value) = cookie(&name) else {
            return Err(self.without_cookie(&once).await.into());
        };
        Attempt::from_cookie(&value, &confirmation.state_id, &self.keys)
            .ok_or(CauseCode::StartAgain)?;
        self.use_once(&once, confirmation.expires_at).await?;
        let invited = confirmation.invite.is_some();
        let confirmed = self.confirmed(&confirmation).await;
        let confirmed = confirmed.map_err(|refusal| refusal.of_attempt(invited))?;
        Ok((confirmed, ClearedAttempt(name)))
    }

    async fn confirmed(&self, confirmation: &Confirmation) -> Result<Confirmed, Refusal> {
        let terms = self.terms(confirmation.invite.as_ref()).await?;
        let tenant = confirmation.tenant;
        if terms.is_done_for(tenant)? {
            return Ok(Confirmed::Done(self.completed(tenant, terms.return_url)));
        }
        if self.settings.flow == ConsentFlow::V2 {
            return Ok(Confirmed::Consent(self.ask_for_consent(confirmation)));
        }
        let request = BindRequest {
            tenant,
            customer: &confirmation.customer,
            cloud: confirmation.cloud,
            invite: confirmation.invite.as_ref(),
            standing: confirmation.seen.standing(confirmation.invite.is_some()),
        };
        self.binding.bind(&request).await?;
        Ok(Confirmed::Done(self.completed(tenant, terms.return_url)))
    }

    /// The second step of the v2 flow: a state and a cookie of its own.
    fn ask_for_consent(&self, confirmation: &Confirmation) -> Begun {
        let attempt = Attempt {
            code_verifier: String::new(),
            nonce: String::new(),
            invite: confirmation.invite.clone(),
            cloud: confirmation.cloud,
            expected_tenant: Some(confirmation.tenant),
            signed_in: Some(confirmation.tenant),
            seen: confirmation.seen,
        };
        let state = self.new_state(Step::AdminConsent);
        Begun {
            location: self.authority.admin_consent_url(
                confirmation.tenant,
                &self.binding.requirements.resources(confirmation.cloud),
                self.settings.redirect_uri.as_str(),
                &state.encode(&self.keys),
            ),
            cookie: attempt.to_cookie(&state, &self.keys, self.random.as_ref()),
        }
    }

    fn open_confirmation(&self, handle: &Handle) -> Result<Confirmation, CauseCode> {
        let confirmation = Confirmation::open(handle, &self.keys).ok_or(CauseCode::StartAgain)?;
        match self.clock.now() < confirmation.expires_at {
            true => Ok(confirmation),
            false => Err(CauseCode::AttemptExpired),
        }
    }
}
