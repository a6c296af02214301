//! The one place where settings are read and the system is put together. The functions, the
//! one-machine run and the operator's tool differ in their platform and in nothing else.
//!
//! It knows every adapter and no rule. Cedar stays out of it (decision 0019): a function that
//! asks no policy links none.

mod authority;
mod basis;
mod callers;
mod collecting;
mod delivering;
mod inviting;
mod on_demand;
mod platform;
mod refreshing;
mod rotating;
pub mod settings;
mod store;
mod tokens;
mod vending;
mod waking;

pub use authority::{sign_in_pages, token_issuer};
pub use basis::Basis;
pub use callers::{Asked, callers, issuers, roles};
pub use collecting::collect;
pub use delivering::delivery;
pub use inviting::inviting;
pub use on_demand::on_demand;
pub use platform::Platform;
pub use refreshing::refresh;
pub use rotating::{graph, rotation, rotation_of};
pub use store::Store;
pub use tokens::{renewal, sealed_tokens};
pub use vending::{vend, vend_by};
pub use waking::{auth_keys, wakes};

pub use aws::OutboxOf;
