//! The one table: tenants, their sealed tokens, and marks of things that were used. Its layout
//! is at the top of `keys.rs`.
//!
//! [`Table`] itself opens no token: it is all that the consent function gets.
//! [`SealedTokens`] adds the sealing ring.

mod attributes;
mod caller_keys;
mod capacity;
mod change;
mod errors;
mod invites;
mod items;
mod keys;
mod leases;
mod policies;
mod requests;
mod ring;
pub mod rows;
mod schema;
mod sealer;
mod sign_ins;
mod single_use;
mod tenants;
mod tokens;
mod transaction;

pub use capacity::{CapacityMeter, Consumed, Operation, Units};
pub use requests::Table;
pub use ring::{RING_READ_WITHIN, RingSource};
pub use tokens::SealedTokens;
