//! The two tables, whose layout is at the top of `keys.rs`: one for tenants, their sealed tokens
//! and marks of things that were used, and the control table, which says who may have what.
//!
//! [`Table`] itself opens no token: it is all that the consent function gets.
//! [`SealedTokens`] adds the sealing ring. [`ControlTable`] has none of their rows.

mod attributes;
mod batch;
mod caller_keys;
mod capacity;
mod change;
mod compact;
mod control;
mod due_feeds;
mod erasure;
mod errors;
mod invites;
mod issuers;
mod items;
mod keys;
mod last_run;
mod leases;
mod ledger;
mod operator_log;
mod outbox;
mod outbox_parts;
mod policies;
mod requests;
mod ring;
pub mod rows;
mod schema;
mod sealer;
mod shared_ledger;
mod sign_ins;
mod single_use;
mod tenants;
mod tokens;
mod transaction;

pub use capacity::{CapacityMeter, Consumed, Operation, Units};
pub use control::ControlTable;
pub use outbox::TableOutbox;
pub use outbox_parts::OutboxOf;
pub use requests::Table;
pub use ring::RingSource;
pub use tokens::SealedTokens;
