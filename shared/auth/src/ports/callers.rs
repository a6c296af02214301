//! Who a caller is, and what it may do.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;

use crate::caller::{
    AwsIdentity, Caller, ClaimNames, Decision, IdentityRequest, Question, SignedBy,
};

/// Why a proof was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not a token that any allow-listed issuer made for us, in time. The text may be
    /// shown to the caller: it names the check that failed, what was expected, and of the
    /// token its issuer, its audience and its times at most, fit to be logged.
    #[error("{0}")]
    Refused(Cow<'static, str>),
    /// What it is checked against cannot be had now; worth another try. The text may be
    /// shown to the caller.
    #[error("{0}")]
    Unavailable(&'static str),
}

/// Checks what a caller brings to prove who it is: an OpenID Connect token, or a caller
/// key.
///
/// Failure policy: fails closed. An issuer that is not allow-listed is refused before
/// any request is made on its behalf.
#[async_trait]
pub trait CallerProof: Send + Sync {
    /// The caller that `unverified` proves.
    async fn verify(&self, unverified: &str) -> Result<Caller, ProofError>;
}

/// Checks a signed `GetCallerIdentity` request.
///
/// Failure policy: fails closed. What is not fit to be sent is refused before any request is
/// made.
#[async_trait]
pub trait SignedProof: Send + Sync {
    /// Who signed it.
    async fn signed_by(&self, unverified: &str) -> Result<SignedBy, ProofError>;
}

/// Why STS did not say who signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// It refuses the request. Carries its error code: one word of letters and digits.
    #[error("STS refused it: {0}")]
    Refused(String),
    /// It does not answer, wants to be asked less often, or answers what cannot be read;
    /// worth another try.
    #[error("STS cannot be asked at the moment")]
    Unavailable,
}

/// AWS STS, which says who signed a request.
///
/// Failure policy: an [`IdentityError`] proves nobody.
#[async_trait]
pub trait CallerIdentities: Send + Sync {
    /// Sends the request to STS, once and as it is: who signed it.
    async fn signer(
        &self,
        request: &IdentityRequest,
    ) -> Result<AwsIdentity<'static>, IdentityError>;
}

/// Decides what a proven caller may do.
///
/// Failure policy: default deny; an authorizer that cannot decide says so
/// ([`Ruling::Undecided`](crate::caller::Ruling::Undecided)) and permits nothing.
#[async_trait]
pub trait Authorizer: Send + Sync {
    /// The decision on one question.
    async fn decide(&self, question: Question<'_>) -> Decision;
}

/// Says which claims of a workload policies read, so that nothing else of it has to be
/// remembered.
///
/// Failure policy: names too few are safe, because a policy is not asked about a workload
/// that lost a claim which it reads (such a question is left undecided).
#[async_trait]
pub trait ClaimsRead: Send + Sync {
    /// The names, of the policies that would decide now.
    async fn claims_read(&self) -> Arc<ClaimNames>;
}
