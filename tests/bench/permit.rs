//! Who may vend in a measurement: whoever is proven, until policies exist.

use async_trait::async_trait;
use auth::caller::{Decision, Outcome, Question};
use auth::ports::Authorizer;

/// Permits whoever an allow-listed issuer has vouched for.
pub(crate) struct PermitProven;

#[async_trait]
impl Authorizer for PermitProven {
    async fn decide(&self, _question: Question<'_>) -> Decision {
        Decision {
            outcome: Outcome::Allow,
            ..Decision::denied()
        }
    }
}
