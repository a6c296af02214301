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
//! - **The ledger**: `content`, `batch` (contents of one hour that become one object),
//!   `object_key`, `ledger` (the rows), `totals`, `open` (what of them is neither stored nor lost), `handed`
//!   (windows that workers do beside the turns).
//! - **Turns**: `due` (what brings a tenant before a run), `pace` (how often), `marks` (what the
//!   lease of a shard says of its tenants).
//! - **The API**: `content_type`, `subscription` and `webhook` (what is wanted against what runs),
//!   `address` (where a token may be sent), `refusal` (what a refusal means and what to do),
//!   `af_codes`.
//! - **Notifications**: `auth_id` (whose notification it is), `notification` (what it says), `wake`
//!   (what the queue carries).
//! - **Watching**: `rhythm` (when silence is strange), `watched` (behind, lost, silent),
//!   `figures` (of a run, as metrics).
//! - **Ports** ([`ports`]), and the use cases over them: `collect` (one tenant's turn), `run` (all
//!   tenants whose turn came), `operate` (what an operator does and sees).

pub mod address;
pub mod af_codes;
pub mod auth_id;
pub mod batch;
pub mod collect;
pub mod content;
pub mod content_type;
pub mod due;
pub mod figures;
pub mod handed;
pub mod ledger;
pub mod marks;
pub mod notification;
pub mod object_key;
mod open;
pub mod operate;
pub mod pace;
pub mod pass;
pub mod planner;
pub mod ports;
pub mod progress;
pub mod records;
pub mod refusal;
pub mod rhythm;
pub mod run;
pub mod spans;
pub mod subscription;
mod totals;
pub mod wake;
pub mod watched;
pub mod webhook;
pub mod window;

pub use content_type::ContentType;
pub use window::Window;
