//! The audit log of a connected tenant: the rules by which it arrives complete.
//!
//! It owns the types, the use cases and the ports of the feed: which windows are listed and how
//! often, what the ledger says of them, how bytes become records, where a token may be sent.
//! It deliberately does no I/O of its own: no HTTP, no AWS, no environment, no clock. Why it is
//! as it is: `infra/decisions/0060-the-ledger-of-the-audit-log.md`.
//!
//! - **Time**: `window`, `spans`, `pass`; `progress` (what is not listed yet), `planner` (which
//!   windows are due).
//! - **Bytes**: `records` (an array in pieces becomes records, byte for byte).

pub mod content_type;
pub mod pass;
pub mod planner;
pub mod progress;
pub mod records;
pub mod spans;
pub mod window;

pub use content_type::ContentType;
pub use window::Window;
