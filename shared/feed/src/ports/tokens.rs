//! Tokens for the Activity API. The collector opens none: the vending function gives them, as
//! to any other service.

use async_trait::async_trait;
use auth::{AccessToken, CauseCode, TenantId};

/// There is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoToken {
    /// The tenant is not active: consent was taken back, or it is suspended, and why.
    Held(Option<CauseCode>),
    /// Not at the moment.
    Later,
}

/// Gives tokens.
///
/// Failure policy: [`NoToken`] holds up its tenant alone, until the next run.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// A token of the tenant for its cloud's API, kept for as long as it lives. `rejected`: the
    /// one that the API did not take; another is then given, or none.
    async fn token(
        &self,
        tenant: TenantId,
        rejected: Option<&AccessToken>,
    ) -> Result<AccessToken, NoToken>;
}
