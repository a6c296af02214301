//! The ports: what the use cases need from the outside, each with what its failure
//! means to the caller. Adapters live in `shared/aws` (table, secrets, clock,
//! chance) and `shared/microsoft` (the authority, callers' issuers).

mod application_keys;
mod authority;
mod caller_keys;
mod callers;
mod events;
mod held;
mod held_versions;
mod invites;
mod issuers;
mod leases;
mod meter;
mod on_demand;
mod operator_log;
mod paging;
mod platform;
mod policies;
mod runs;
mod secret_versions;
mod secrets;
mod signing;
mod store;

pub use application_keys::{
    ApplicationKeys, Certificates, KeptCertificate, KeysError, RegisteredKey,
};
pub use authority::{
    AuthorityError, CodeRedeemer, CodeRedemption, ConsentPages, IssuedToken, SignInRequest,
    SignedIn, TokenIssuer,
};
pub use caller_keys::{CallerKeyBook, CallerKeys, KeyList};
pub use callers::{
    Authorizer, CallerIdentities, CallerProof, ClaimsRead, IdentityError, ProofError, SignedProof,
};
pub use events::{EventSink, Outbox, SENT_AT_ONCE, Sent, WaitingEvent, WaitingPage};
pub use held::{HeldClock, HeldIssuers, HeldRandom};
pub use held_versions::HeldVersions;
pub use invites::Invites;
pub use issuers::{IssuerSource, IssuerStore, IssuersInForce};
pub use leases::{LONGEST_LEASE, Lease, Leases, Looked, Noted};
pub use meter::{Meter, SigningCertificate};
pub use on_demand::{
    Declined, Granted, NotRenewed, OutOfReach, Receipted, Redemption, SignIns, TenantConnector,
    TokenRenewer,
};
pub use operator_log::{Begun, OperatorLog};
pub use paging::{DuePage, PageEnd, Paging};
pub use platform::{Clock, Pause, Random, random_bytes, random_text};
pub use policies::{PolicySource, PolicyStore, StoredPolicies};
pub use runs::{Runs, Spending};
pub use secret_versions::{SecretVersions, Stage, VersionList};
pub use secrets::{DeployedSecret, SecretError, SecretSink, SecretSource, short_secret_name};
pub use signing::{AssertionSigner, CertificateIdentity, SignerVersions, SigningError};
pub use store::{
    Connecting, Listing, ListingPage, ReadRecord, Settlement, SingleUse, StoreError, Tenants,
    TokenStore, Write,
};
