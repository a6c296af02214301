//! Who asks: the proven identity of a caller, and the question that the policy is asked
//! about it. How a caller is proven is the [`CallerProof`](crate::ports::CallerProof)
//! port's business, who may have what the [`Authorizer`](crate::ports::Authorizer)'s.

mod identity;
mod issuers;
mod key;
mod key_proof;
mod question;

pub use identity::{AwsRole, Caller, CallerName, Claims, InvalidCaller};
pub use issuers::{AllowedIssuer, InvalidIssuer, is_https_or_loopback, is_loopback, leads_inside};
pub use key::{CallerKey, KeyHash, NotAKey, StoredKey};
pub use key_proof::{KeyProof, KeyProofError};
pub use question::{
    Action, CandidateDecision, ConnectedFacts, Context, Decision, Outcome, Question, Route,
    Subject, TenantFacts,
};
