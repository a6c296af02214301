//! Who may vend on one machine: whoever holds a token of its own development issuer, or
//! signs with its own access key.

use async_trait::async_trait;
use auth::Caller;
use auth::caller::{AwsRole, Decision, Outcome, Question};
use auth::ports::Authorizer;

/// Permits the machine's own callers everything, and nobody else anything.
pub(crate) struct OwnCallersOnly {
    /// The development issuer.
    pub(crate) issuer: String,
    /// The role for which the access key stands.
    pub(crate) role: AwsRole,
}

#[async_trait]
impl Authorizer for OwnCallersOnly {
    async fn decide(&self, question: Question<'_>) -> Decision {
        let is_own = match question.caller {
            Caller::Workload { issuer, .. } => *issuer == self.issuer,
            Caller::AwsRole(role) => *role == self.role,
            Caller::Key { .. } => false,
        };
        match is_own {
            true => Decision {
                outcome: Outcome::Allow,
                ..Decision::denied()
            },
            false => Decision::denied(),
        }
    }
}
