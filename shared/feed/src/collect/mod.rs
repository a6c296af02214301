//! One tenant's turn: its subscriptions are reconciled, what is due is listed, what is new is
//! stored, and the ledger says so. And what is done for it beside its turns: a turn that a
//! webhook woke (`woken.rs`), a window that a worker does (`beside.rs`).
//!
//! The order is the whole of it: the row of a batch before its first request, the object before
//! its row says stored, the row before the window leaves what is unlisted. So a turn that dies
//! anywhere leaves the work that it has not done, and the objects that it has made.

mod beside;
mod claiming;
mod fence;
mod fetching;
mod handing;
mod left;
mod listing;
mod making;
mod next;
mod parting;
mod quota;
mod rounds;
mod session;
mod stop;
mod storing;
mod subscribing;
mod turn;
mod webhooks;
mod windows;
mod woken;
mod work;
mod writing;

pub(crate) use turn::refuse_all;

pub use handing::CLAIM;

use std::sync::Arc;
use std::time::Duration;

use auth::ports::{Clock, Pause, StoreError};
use auth::{TenantId, Timestamp};
use url::Url;

use crate::address::FeedHost;
use crate::content_type::ContentType;
use crate::due::Due;
use crate::object_key::Format;
use crate::pace::Pacing;
use crate::ports::{AuthIds, Encoding, FeedApi, Ledger, Objects, SharedLedger, Tokens, Wakes};
use crate::refusal::Refusal;
use crate::watched::Watched;

/// The use case, with its ports.
pub struct Collector {
    /// The Activity API.
    pub api: Arc<dyn FeedApi>,
    /// The ledger.
    pub ledger: Arc<dyn Ledger>,
    /// The object store.
    pub objects: Arc<dyn Objects>,
    /// Tokens.
    pub tokens: Arc<dyn Tokens>,
    /// The queue; `None` where a tenant's turns are all that works for it.
    pub queue: Option<Queue>,
    /// Compression.
    pub encoding: Arc<dyn Encoding>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Waits between requests.
    pub pause: Arc<dyn Pause>,
    /// How objects of new batches are compressed: `FEED_FORMAT`.
    pub format: Format,
    /// What is collected: `FEED_CONTENT_TYPES`.
    pub types: Vec<ContentType>,
    /// Seconds for which content settles: `FEED_SETTLE_SECONDS`.
    pub settle: u32,
    /// How often a tenant is looked at.
    pub pacing: Pacing,
    /// So much of what was made before a first start is listed, too: it may be offered or not
    /// (protocol notes §3 do not say). Up to a day is the one window that is listed anyway.
    pub before_start: Duration,
    /// What subscriptions are started with, so that new content wakes; `None` without one.
    pub webhook: Option<WebhookPlace>,
}

/// The webhook that every tenant's subscriptions are given.
pub struct WebhookPlace {
    /// Where notifications are sent: `FEED_WEBHOOK_URL`.
    pub address: Url,
    /// What they carry.
    pub auth_ids: Arc<dyn AuthIds>,
}

/// What workers need that a turn wakes, or a webhook.
#[derive(Clone)]
pub struct Queue {
    /// Where windows are handed out.
    pub wakes: Arc<dyn Wakes>,
    /// The rows by which they keep apart.
    pub shared: Arc<dyn SharedLedger>,
}

/// A tenant whose turn it is.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The tenant.
    pub tenant: TenantId,
    /// Its plan's host.
    pub host: FeedHost,
    /// The tenant is removed: its subscriptions are stopped. Its row can say so, too.
    pub leaves: bool,
    /// When the turn ends, by [`Clock::since_start`]: nothing begins after it.
    pub deadline: Duration,
    /// When the run ends, by the same: what is still under way then is dropped.
    pub dropped_at: Duration,
}

/// Why a turn ended before its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// Its time is over; what is left is done in the next.
    Deadline,
    /// There is no token at the moment.
    NoToken,
    /// Microsoft throttles the tenant: [`Report::not_before`].
    Throttled,
    /// The table or the object store does not answer; the message is for the log.
    Store(String),
    /// A row of the tenant cannot be read or written: an operator has to act; the message is for
    /// the log.
    Damaged(String),
    /// Another run works on the tenant.
    Raced,
}

impl Halt {
    /// The word in the log.
    pub fn as_str(&self) -> &'static str {
        match self {
            Halt::Deadline => "deadline",
            Halt::NoToken => "no_token",
            Halt::Throttled => "throttled",
            Halt::Store(_) => "store",
            Halt::Damaged(_) => "damaged",
            Halt::Raced => "raced",
        }
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::Damaged(_) => Halt::Damaged(message),
            StoreError::Unavailable(_) | StoreError::Throttled(_) | StoreError::Broken(_) => {
                Halt::Store(message)
            }
        }
    }
}

/// What a turn did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Requests to the Activity API.
    pub requests: u32,
    /// Windows that were listed to their end.
    pub windows: u32,
    /// Contents that listings named, those that are known among them.
    pub named: u64,
    /// Batches that were stored.
    pub batches: u32,
    /// Contents that were stored.
    pub stored: u64,
    /// Contents that are lost.
    pub lost: u64,
    /// Seconds that expired before they were listed or stored.
    pub expired_seconds: u64,
    /// Records that were stored.
    pub records: u64,
    /// Bytes of them, before they are compressed.
    pub bytes: u64,
    /// Pieces that are no JSON.
    pub dead: u64,
    /// Windows that were handed out to workers.
    pub handed: u32,
    /// Whether the tenant's row was written.
    pub wrote: bool,
    /// All before this is listed, or in the tenant's row: the earliest mark of the types that run,
    /// by Microsoft's clock. The only value for the shard's lease, which keeps the earliest of
    /// its tenants. `None` where no type runs (the row says why), and after a halt.
    pub listed_until: Option<Timestamp>,
    /// The oldest second that waits for its listing, or for something in it to be stored, of the
    /// types that run.
    pub oldest: Option<Timestamp>,
    /// The tenant's next turn comes at this time at the earliest, by our clock: every type waits
    /// for its next start, or an answer said `Retry-After` (an hour at most). `None`: as usual.
    pub not_before: Option<Timestamp>,
    /// When a run looks at the tenant next, as its row says now; `None` where the row could not be
    /// read or written.
    pub due: Option<Due>,
    /// Of a tenant that leaves: all its subscriptions are stopped. Else its turn has to be
    /// repeated, or what is still running is left to Microsoft.
    pub is_stopped: bool,
    /// What there is to see of the tenant now.
    pub watched: Watched,
    /// What types are refused with; their row says so, too.
    pub refusals: Vec<(ContentType, Refusal)>,
    /// Why it ended before its work; `None` when all that was due was looked at.
    pub halt: Option<Halt>,
}
