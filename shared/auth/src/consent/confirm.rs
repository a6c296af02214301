//! The confirm page and `POST /consent/confirm`: nothing is bound before the person said
//! to which account.

use super::attempts::{AdminConsent, Attempt, Step, cookie_name};
use super::flow::Consent;
use super::handles::{Confirmation, Handle};
use super::limits::Source;
use super::refusal::ConsentRefusal;
use super::steps::{Begun, ClearedAttempt, ConfirmView, Confirmed};
use crate::cause::CauseCode;
use crate::protocol::ConsentFlow;

impl Consent {
    /// `GET /consent/confirm/{handle}`: it names the person and the organisation, so only
    /// the browser that signed in gets it.
    pub async fn confirm_view(
        &self,
        handle: &Handle,
        cookie: impl Fn(&str) -> Option<String>,
        source: Source,
    ) -> Result<ConfirmView, ConsentRefusal> {
        let confirmation = self.open_confirmation(handle)?;
        let checked = self.check_browser(&confirmation, cookie, source).await;
        checked.map_err(|code| confirmation.refused(code))?;
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
        source: Source,
    ) -> Result<(Confirmed, ClearedAttempt), ConsentRefusal> {
        let confirmation = self.open_confirmation(handle)?;
        let checked = self.check_browser(&confirmation, cookie, source).await;
        checked.map_err(|code| confirmation.refused(code))?;
        let room = self
            .limits
            .step(confirmation.invite.as_ref(), source, self.clock.now());
        room.map_err(|code| confirmation.refused(code))?;
        let confirmed = self.confirmed(&confirmation).await;
        let confirmed = confirmed.map_err(|refusal| confirmation.refused(refusal))?;
        let name = cookie_name(&confirmation.state_id);
        Ok((confirmed, ClearedAttempt(name)))
    }

    /// Fails closed: the cookie of the attempt must come along and open for it, or a handle
    /// that was seen somewhere would do for its browser.
    async fn check_browser(
        &self,
        confirmation: &Confirmation,
        cookie: impl Fn(&str) -> Option<String>,
        source: Source,
    ) -> Result<(), CauseCode> {
        let id = &confirmation.state_id;
        let Some(value) = cookie(&cookie_name(id)) else {
            return Err(self.without_cookie(&used_name(id), source).await);
        };
        match Attempt::from_cookie(&value, id, &self.keys) {
            Some(_) => Ok(()),
            None => Err(CauseCode::StartAgain),
        }
    }

    async fn confirmed(&self, confirmation: &Confirmation) -> Result<Confirmed, ConsentRefusal> {
        // The reads before the mark: an invite that is over costs no row.
        let invite = confirmation.invite.as_ref();
        let terms = self.terms(invite).await?;
        let asks_microsoft = self.settings.flow == ConsentFlow::V2;
        if !asks_microsoft {
            self.check_room().await?;
        }
        let once = used_name(&confirmation.state_id);
        self.use_once(&once, confirmation.expires_at).await?;
        let tenant = confirmation.tenant;
        if terms.is_done_for(tenant)? {
            return Ok(Confirmed::Done(self.completed(tenant, terms.return_url)));
        }
        if asks_microsoft {
            return Ok(Confirmed::Consent(self.ask_for_consent(confirmation)));
        }
        self.bind(tenant, &confirmation.receipt, invite).await?;
        Ok(Confirmed::Done(self.completed(tenant, terms.return_url)))
    }

    /// The second step of the v2 flow: a state and a cookie of its own.
    fn ask_for_consent(&self, confirmation: &Confirmation) -> Begun {
        let attempt = Attempt {
            began_at: self.clock.now(),
            invite: confirmation.invite.clone(),
            cloud: confirmation.cloud,
            step: Step::AdminConsent(AdminConsent {
                tenant: confirmation.tenant,
                receipt: confirmation.receipt.clone(),
            }),
            set_up_since: None,
        };
        self.begun(&self.new_state(), &attempt)
    }

    fn open_confirmation(&self, handle: &Handle) -> Result<Confirmation, ConsentRefusal> {
        let confirmation = Confirmation::open(handle, &self.keys).ok_or(CauseCode::StartAgain)?;
        match self.clock.now() < confirmation.expires_at {
            true => Ok(confirmation),
            false => Err(confirmation.refused(CauseCode::AttemptExpired)),
        }
    }
}

impl Confirmation {
    /// A refusal that remembers whether the attempt had an invite.
    fn refused(&self, refusal: impl Into<ConsentRefusal>) -> ConsentRefusal {
        refusal.into().of_attempt(self.invite.is_some())
    }
}

/// The name of a confirmation's mark, which is not that of its attempt.
fn used_name(state_id: &str) -> String {
    format!("confirm-{state_id}")
}
