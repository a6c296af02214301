//! The landing page and `POST /consent/start`.

use super::attempts::{Attempt, SignIn, Step};
use super::flow::Consent;
use super::limits::Source;
use super::refusal::ConsentRefusal;
use super::steps::{Begun, LandingView};
use super::terms::Terms;
use crate::cause::CauseCode;
use crate::invite::{InviteId, InviteKey};
use crate::ports::random_text;

impl Consent {
    /// `GET /consent`: what is asked, or why nobody can start with this link.
    pub async fn landing(
        &self,
        unverified_invite: Option<&str>,
        source: Source,
    ) -> Result<LandingView, ConsentRefusal> {
        let (_, terms) = self.opened(unverified_invite, source).await?;
        Ok(LandingView {
            customer: terms.customer,
            tenant: terms.tenant,
        })
    }

    /// `POST /consent/start`: a new attempt. Nothing is written.
    pub async fn begin(
        &self,
        unverified_invite: Option<&str>,
        source: Source,
    ) -> Result<Begun, ConsentRefusal> {
        let (invite, terms) = self.opened(unverified_invite, source).await?;
        let attempt = Attempt {
            began_at: self.clock.now(),
            invite,
            cloud: terms.cloud.unwrap_or(self.settings.cloud),
            step: Step::SignIn(SignIn {
                code_verifier: random_text::<32>(self.random.as_ref()),
                nonce: random_text::<16>(self.random.as_ref()),
                tenant: terms.tenant,
            }),
            set_up_since: None,
        };
        Ok(self.begun(&self.new_state(), &attempt))
    }

    /// The invite behind a link, if there is one, with terms that still bind somebody.
    async fn opened(
        &self,
        unverified_invite: Option<&str>,
        source: Source,
    ) -> Result<(Option<InviteKey>, Terms), ConsentRefusal> {
        let invite = match unverified_invite {
            None => None,
            Some(text) => {
                let id: InviteId = text.parse().map_err(|_| CauseCode::InviteUnknown)?;
                self.limits.look(source, self.clock.now())?;
                Some(id.key())
            }
        };
        let terms = self.terms(invite.as_ref()).await?;
        terms.check_unused()?;
        Ok((invite, terms))
    }
}
