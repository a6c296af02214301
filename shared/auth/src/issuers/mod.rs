//! The stored list of callers' issuers, and the list that holds now: the stored one over the first
//! ones of the settings. Where it is stored is a port (`ports/issuers.rs`), what an entry must be
//! stands in `caller/issuers.rs`.

mod in_force;
mod stored;

pub use in_force::Issuers;
pub use stored::StoredIssuers;
