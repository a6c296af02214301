//! Who may have what. Until policies exist, a deployed function permits nobody.

use async_trait::async_trait;
use auth::caller::{Decision, Question};
use auth::ports::Authorizer;

/// No policy is in force: nothing is permitted. Fails closed, because a broker of
/// other people's tokens without a policy must not hand out any.
#[derive(Debug, Clone, Copy, Default)]
pub struct DenyEverybody;

#[async_trait]
impl Authorizer for DenyEverybody {
    async fn decide(&self, _question: Question<'_>) -> Decision {
        Decision::denied()
    }
}
