//! What the feed needs of the world. Each port says what a failure means to its caller.
//!
//! The clock is [`auth::ports::Clock`].

mod activity;
mod auth_ids;
mod due_feeds;
mod erasing;
mod ledger;
mod objects;
mod shared_ledger;
mod tokens;
mod wakes;

pub use activity::{
    Body, Failure, FeedApi, ListPage, ListedFrom, Request, Subscribe, Subscribed, Subscriptions,
};
pub use auth_ids::AuthIds;
pub use due_feeds::DueFeeds;
pub use erasing::{
    AfterVersion, LedgerErasure, MOST_VERSIONS, StoredVersion, StoredVersions, VersionPage,
};
pub use ledger::Ledger;
pub use objects::{Encoder, Encoding, ObjectError, Objects, Put, Upload};
pub use shared_ledger::SharedLedger;
pub use tokens::{NoToken, Tokens};
pub use wakes::{WakeError, Wakes};
