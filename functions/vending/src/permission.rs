//! What the policy says of a question, and what becomes of a request that it does not permit.

use auth::caller::{Decision, Question, Ruling};
use lambda::answer::ApiError;

use crate::audit::Entry;
use crate::{Vending, refusal};

impl Vending {
    /// Refuses what the policy does not permit; what decided goes into the audit line.
    pub(crate) async fn check_permitted(
        &self,
        entry: &mut Entry<'_>,
        question: Question<'_>,
    ) -> Result<(), ApiError> {
        let caller = question.caller;
        let decision = self.decision(question).await?;
        let allows = decision.allows();
        entry.decided(decision);
        if !allows {
            return Err(refusal::denied(caller));
        }
        Ok(())
    }

    /// The policy's word. That it cannot be read is no denial: a caller that may come again
    /// soon need not look for a policy that was never missing.
    pub(crate) async fn decision(&self, question: Question<'_>) -> Result<Decision, ApiError> {
        let decision = self.authorizer.decide(question).await;
        match decision.ruling {
            Ruling::Undecided => Err(refusal::broker_unavailable()),
            Ruling::Allow | Ruling::Deny => Ok(decision),
        }
    }
}
