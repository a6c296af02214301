//! Who asks: the proven identity of a caller, and the question that the policy is asked
//! about it. How a caller is proven is the [`CallerProof`](crate::ports::CallerProof)
//! port's business, who may have what the [`Authorizer`](crate::ports::Authorizer)'s.

mod identity;
mod identity_request;
mod issuer_list;
mod issuers;
mod key;
mod known_issuers;
mod limits;
mod payload;
mod private_issuers;
mod question;
mod role;
mod role_session;
mod workload;

pub use identity::{Caller, CallerName, InvalidCaller};
pub use identity_request::{
    IDENTITY_REQUEST_BODY, IdentityRequest, IdentityRules, InvalidRegions, InvalidServerId,
    SERVER_ID_HEADER, ServerId, StsRegions, UnfitRequest, signed_request,
};
pub(crate) use issuer_list::stored_entries;
pub use issuer_list::{
    AllowedIssuers, InvalidIssuers, allowed_issuers, entries_from_json, issuers_from_json,
};
pub use issuers::{AllowedIssuer, ISSUERS_MAX, InvalidIssuer, IssuerEntry};
pub use key::{CallerKey, KeyHash, NotAKey, StoredKey};
pub use known_issuers::{KnownIssuer, OwnerClaim, SubjectStart, known_issuer};
pub use limits::{CallerLimits, caller_rate};
pub use payload::Payload;
pub use private_issuers::PrivateIssuers;
pub use question::{
    Action, CandidateDecision, ConnectedFacts, Context, Decision, Question, Route, Ruling, Subject,
    TenantFacts,
};
pub use role::{AwsRole, InvalidRole};
pub use role_session::{AwsIdentity, NotARole, RoleSession, SignedBy};
pub use workload::{ClaimNames, InvalidWorkload, Workload};
