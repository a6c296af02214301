//! The use cases of the one program that signs, as it is asked on demand: consent asks it to
//! redeem a code and to bind a tenant, vending to renew a token.
//!
//! Each asker may ask for what is its own and for nothing else. Beyond that, what is done follows
//! from evidence and not from who asks. It checks the token of a sign-in
//! itself and keeps what that showed; a binding names that row by its receipt and is decided
//! again from invite, mode, person, owner and proof; a renewal is decided by the record. So
//! a function that was taken over cannot bind a tenant or renew a token by its own word.
//!
//! | what | where |
//! |---|---|
//! | a code, and the binding | `connecting.rs` |
//! | its lines of the audit log | `evidence.rs` |
//! | a renewal | `renewing.rs` |
//! | who may ask for what | `asker.rs` |
//! | how often, in one process | `limits.rs` |
//! | request and answer in JSON | `message.rs` |
//! | the same with the id of the asker's own request | `event.rs` |
//! | from a request to its answer | `served.rs` |
//! | the ports over such requests | `remote.rs` |

mod asker;
mod connecting;
mod event;
mod evidence;
mod limits;
mod message;
mod remote;
mod renewing;
mod served;

pub use asker::Asker;
pub use connecting::{ConnectOnDemand, ConnectSettings};
pub use event::{AskerRequestId, answering, event_of, request_of};
pub use limits::ConnectLimits;
pub use message::{OnDemandAnswer, OnDemandRequest};
pub use remote::{NoFunction, OnDemandFunction, OnDemandPorts, Remote};
pub use renewing::RenewOnDemand;
pub use served::OnDemand;
