//! The adapters to AWS and to the machine: the DynamoDB tables, the object store, the queue,
//! Secrets Manager (or a directory of files in its place), the function that signs in Lambda, STS,
//! the event bus and the operator's webhook,
//! the vending function as the collector asks it, the clock and randomness.
//!
//! The layout of the tables, and which file writes and reads which item, is at the top of
//! `table/keys.rs`.
//!
//! It implements the ports of [`auth::ports`] and [`feed::ports`] and holds no rule of the broker's own.
//! Only this crate names the AWS SDK: its errors are cleaned here, so that no account
//! number and no ARN leaves by an error text.

mod connect;
mod events;
mod failure;
mod http;
mod objects;
mod on_demand;
mod queue;
mod secrets;
mod spending;
mod sts;
mod system;
mod table;
mod vending;

pub use connect::{Connection, Endpoint, connect, connect_to_aws};
pub use events::{
    EventBus, EventKeys, EventWebhook, EventWebhookParts, LiveEventKeys, event_keys_not_read,
};
pub use http::HttpClient;
pub use objects::{Compression, ObjectStore, Patience};
pub use on_demand::OnDemandLambda;
pub use queue::Queue;
pub use secrets::{CertificateFile, SecretFiles, SecretsManager};
pub use spending::UnitCounter;
pub use sts::Sts;
pub use system::{SystemClock, SystemPause, SystemRandom, environment};
pub use table::{
    CapacityMeter, Consumed, ControlTable, Operation, OutboxOf, RingSource, SealedTokens, Table,
    TableOutbox, Units, rows,
};
pub use vending::{OwnProof, OwnProofParts, VendedTokens, VendedTokensParts};
