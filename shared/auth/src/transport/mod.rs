//! Why no answer came from who was asked over the network: one rule for Entra ID, callers'
//! issuers and AWS. The kinds with their words stand in `fault.rs`; how the error of an HTTP
//! client is read, in `reading.rs`. It makes no request.

mod fault;
mod reading;

pub use fault::{Awaited, NoAnswer, Party, TransportFault, Untrusted};
pub use reading::ClientSays;
