//! `GET /consent/go/{handle}`: the page between a form of ours and Microsoft's. A form's own
//! redirects end at this page, so that no policy of ours (`form-action`) judges where
//! Microsoft's lead. Where Microsoft is still setting the application up in a tenant, the same
//! page waits and leads there once more.
//!
//! It writes nothing: the handle is sealed, opens for the browser with the attempt's cookie,
//! and ends with the attempt. What is used once is the state that it leads out with.

use std::time::Duration;

use url::Url;

use super::attempts::{Attempt, Step};
use super::flow::Consent;
use super::handles::{Handle, Passage, Wait};
use super::limits::Source;
use super::refusal::ConsentRefusal;
use super::state::ConsentState;
use super::steps::{Begun, PassageView};
use crate::cause::{Cause, CauseCode};
use crate::digest::sha256;
use crate::encoding::base64url;
use crate::ports::{AuthorityError, SignInRequest};

/// How long Microsoft takes at most to set an application up in a tenant. 8 to 30 seconds
/// were seen (protocol notes, section 9).
const SET_UP: Duration = Duration::from_secs(30);

impl Consent {
    /// `GET /consent/go/{handle}`.
    pub async fn passage_view(
        &self,
        handle: &Handle,
        cookie: impl Fn(&str) -> Option<String>,
        source: Source,
    ) -> Result<PassageView, ConsentRefusal> {
        let passage = Passage::open(handle, &self.keys).ok_or(CauseCode::StartAgain)?;
        let invited = passage.invited;
        let view = self.passage_of(passage, cookie, source).await;
        view.map_err(|refusal| refusal.of_attempt(invited))
    }

    async fn passage_of(
        &self,
        passage: Passage,
        cookie: impl Fn(&str) -> Option<String>,
        source: Source,
    ) -> Result<PassageView, ConsentRefusal> {
        // Fails closed: the address carries this attempt's state, and is for its browser alone.
        let (state, value) = self.state_of(&passage.state, cookie, source).await?;
        let attempt = Attempt::from_cookie(&value, &state.id(), &self.keys);
        let attempt = attempt.ok_or(CauseCode::StartAgain)?;
        let now = self.clock.now();
        match passage.wait {
            Some(wait) if now < wait.until => Ok(PassageView::Wait {
                seconds: now.seconds_until(wait.until),
                cause: wait.cause,
                then: self.passage(&state, &attempt, None),
            }),
            _ => Ok(PassageView::On(self.authority_url(&state, &attempt))),
        }
    }

    /// A step whose next page is Microsoft's.
    pub(super) fn begun(&self, state: &ConsentState, attempt: &Attempt) -> Begun {
        self.begun_after(state, attempt, None)
    }

    fn begun_after(&self, state: &ConsentState, attempt: &Attempt, wait: Option<Wait>) -> Begun {
        Begun {
            handle: self.passage(state, attempt, wait),
            cookie: attempt.to_cookie(state, &self.keys, self.random.as_ref()),
        }
    }

    fn passage(&self, state: &ConsentState, attempt: &Attempt, wait: Option<Wait>) -> Handle {
        let passage = Passage {
            state: state.encode(&self.keys),
            invited: attempt.invite.is_some(),
            wait,
        };
        passage.seal(&self.keys, self.random.as_ref())
    }

    /// Microsoft's page for the step of `attempt`.
    fn authority_url(&self, state: &ConsentState, attempt: &Attempt) -> Url {
        let redirect_uri = self.settings.redirect_uri.as_str();
        let encoded = state.encode(&self.keys);
        // One is enough for all that is registered.
        let resource = self.resource(attempt.cloud);
        match &attempt.step {
            Step::SignIn(sign_in) => self.pages.sign_in_url(&SignInRequest {
                flow: self.settings.flow,
                tenant: sign_in.tenant,
                resource: &resource,
                redirect_uri,
                state: &encoded,
                code_challenge: &code_challenge(&sign_in.code_verifier),
                nonce: &sign_in.nonce,
            }),
            Step::AdminConsent(asked) => {
                let pages = &self.pages;
                pages.admin_consent_url(asked.tenant, &resource, redirect_uri, &encoded)
            }
        }
    }

    /// What an error of Microsoft's page leads to: an end, or, where Microsoft is still setting
    /// the application up, the same step once more. Nothing was used up, so the attempt goes on
    /// under its state; its cookie remembers since when.
    ///
    /// A second answer of the kind counts when Microsoft has had its time: somebody who does
    /// not wait for the page, or loads it twice, has shown nothing about the registration.
    pub(super) fn refused_at(
        &self,
        state: &ConsentState,
        attempt: Attempt,
        error: AuthorityError,
    ) -> Result<Begun, ConsentRefusal> {
        if error.cause.code != CauseCode::StillSettingUp {
            return Err(ConsentRefusal {
                tenant: attempt.step.signed_in(),
                ..error.into()
            });
        }
        let now = self.clock.now();
        let since = attempt.set_up_since.unwrap_or(now);
        if now >= since + SET_UP {
            let mut refusal = ConsentRefusal::from(error);
            refusal.cause.code = CauseCode::PermissionOutOfDate;
            return Err(refusal);
        }
        report_wait(&error);
        let attempt = Attempt {
            set_up_since: Some(since),
            ..attempt
        };
        let wait = Wait {
            until: since + SET_UP,
            cause: error.cause,
        };
        Ok(self.begun_after(state, &attempt, Some(wait)))
    }
}

fn report_wait(error: &AuthorityError) {
    let cause: &Cause = &error.cause;
    tracing::info!(
        event = "consent_waits", %cause, correlation_id = error.correlation_id,
        "a consent waits and goes to Microsoft once more: {cause}"
    );
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
fn code_challenge(verifier: &str) -> String {
    base64url(&sha256(verifier.as_bytes()))
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
