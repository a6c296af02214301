//! Who may vend on one machine: whoever holds a token of its own development issuer.

use async_trait::async_trait;
use auth::Caller;
use auth::caller::{Decision, Outcome, Question};
use auth::ports::Authorizer;

/// Permits the development issuer's callers everything, and nobody else anything.
pub(crate) struct DevelopmentIssuerOnly {
    pub(crate) issuer: String,
}

#[async_trait]
impl Authorizer for DevelopmentIssuerOnly {
    async fn decide(&self, question: Question<'_>) -> Decision {
        match question.caller {
            Caller::Workload { issuer, .. } if *issuer == self.issuer => Decision {
                outcome: Outcome::Allow,
                ..Decision::denied()
            },
            _ => Decision::denied(),
        }
    }
}
