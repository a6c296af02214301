//! Who a caller is, and what it may do.

use async_trait::async_trait;

use crate::caller::{Caller, Decision, Question};

/// Why a proof was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not a token that any allow-listed issuer made for us, in time. The text may be
    /// shown to the caller: it names the check that failed and no part of the token.
    #[error("{0}")]
    Refused(&'static str),
    /// The issuer's keys cannot be had now; worth another try.
    #[error("the keys of the token's issuer cannot be fetched at the moment")]
    IssuerUnavailable,
}

/// Checks a caller's OpenID Connect token.
///
/// Failure policy: fails closed. An issuer that is not allow-listed is refused before
/// any request is made on its behalf.
#[async_trait]
pub trait CallerProof: Send + Sync {
    /// The caller that `unverified_token` proves.
    async fn verify(&self, unverified_token: &str) -> Result<Caller, ProofError>;
}

/// Decides what a proven caller may do.
///
/// Failure policy: default deny; an authorizer that cannot decide denies.
#[async_trait]
pub trait Authorizer: Send + Sync {
    /// The decision on one question.
    async fn decide(&self, question: Question<'_>) -> Decision;
}
