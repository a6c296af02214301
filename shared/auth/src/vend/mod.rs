//! The use case of the vending endpoint: hand out a tenant's token, from memory, else from
//! the table, else by a renewal. Who may have it was decided before. It asks Entra ID nothing:
//! the function that signs renews the token, and what it wrote is read from the table.
//!
//! What memory says of a tenant is believed for `max_state_age` and no longer: that
//! is how long a tenant that was just suspended can still be served by a warm
//! function. Each tenant and resource has a lock of its own, so that one slow tenant
//! keeps nobody else waiting, and concurrent callers of one tenant ask once.
//!
//! A vend has two halves, `opened.rs`: what is known of the tenant, on which the policy
//! decides, and the token. Of many tenants the records are read together before (`read_ahead.rs`). What happens when no token is at hand is in `miss.rs`, which also
//! takes the lease.

mod memory;
mod miss;
mod opened;
mod read_ahead;
mod readiness;
mod vended;
mod vending;
mod wanted;

pub use memory::{MEMORY_ENTRIES, TokenNames};
pub use opened::{Opened, Taken};
pub use read_ahead::ReadAhead;
pub use vended::{Source, VendRefusal, Vended};
pub use vending::{Vend, VendParts};
pub use wanted::{DEFAULT_MIN_TTL, TokenDigest, Wanted};
