//! The rows of the ledger: the truth about what was listed and what is durable (decision 0060).
//!
//! One row for each tenant says how far its listings came and how its subscriptions are; one
//! row for each batch says what it holds. A window without content and without a fault has no
//! row.

use std::time::Duration;

use auth::event::Event;
use auth::version::Version;
use auth::{TenantId, Timestamp};

use crate::batch::BatchName;
use crate::content::ContentKey;
use crate::content_type::ContentType;
use crate::due::Due;
use crate::handed::Handed;
use crate::marks::Mark;
use crate::object_key::Format;
use crate::progress::{Progress, REACH};
use crate::rhythm::Rhythm;
use crate::subscription::Known;
use crate::window::Window;

pub use crate::totals::Totals;

/// Of a subscription that was found running: from what is wanted of it to when it was found.
const FOUND_AFTER: Duration = Duration::from_secs(REACH.unsigned_abs());

/// How a tenant's audit log stands.
#[derive(Debug, Clone)]
pub struct TenantFeed {
    /// The tenant.
    pub tenant: TenantId,
    /// The operator holds it back: nothing is listed, and what expires meanwhile is counted.
    pub is_paused: bool,
    /// Since when it leaves, by the operator's word: its subscriptions are stopped. It comes back
    /// with a consent after that, or when the operator resumes it.
    pub leaves: Option<Timestamp>,
    /// When a run looks at it. Written with the row.
    pub due: Due,
    /// The types that are, or were, collected.
    pub types: Vec<TypeFeed>,
    /// What workers do of its backlog.
    pub handed: Vec<Handed>,
    /// Until then one session at the most stores for it, beside the workers of windows: a turn
    /// and one that was woken meet where there is a queue.
    pub busy_until: Option<Timestamp>,
    /// The version that was read, which fences writes; `None` where there was no row.
    pub version: Option<Version>,
    /// Events that go into the outbox in the transaction that writes the row. A row that was read
    /// has none.
    pub events: Vec<Event>,
}

impl TenantFeed {
    /// Of a tenant that has no row: it is due.
    pub fn beginning(tenant: TenantId, now: Timestamp) -> Self {
        Self {
            tenant,
            is_paused: false,
            leaves: None,
            due: Due::From(now),
            types: Vec::new(),
            handed: Vec::new(),
            busy_until: None,
            version: None,
            events: Vec::new(),
        }
    }

    /// Whether another session stores for it.
    pub(crate) fn is_busy(&self, now: Timestamp) -> bool {
        self.busy_until.is_some_and(|until| until > now)
    }

    /// Whether a session stores for it, or a worker may.
    pub(crate) fn is_worked_on(&self, now: Timestamp) -> bool {
        self.is_busy(now) || self.handed.iter().any(|one| one.until > now)
    }

    /// The next run looks at it, and not one in an hour. To be called once what the lease says of
    /// it is in the row: from now on the lease does not speak for it.
    pub fn hurries(&mut self, now: Timestamp) {
        if self.due.is_seldom() {
            self.due = Due::From(now);
        }
    }

    /// For how long nothing was stored, of any type; where nothing ever was, since it was begun.
    pub(crate) fn quiet(&self, now: Timestamp) -> Duration {
        let stored = self.types.iter().filter_map(|one| one.stored_at);
        let began = self.types.iter().filter_map(|one| {
            let progress = one.progress.as_ref();
            // Found running, it is wanted from as far back as can be listed.
            let found = progress.map(|progress| progress.since() + FOUND_AFTER);
            one.known.started_at.or(found)
        });
        let since = stored.max().or(began.max()).unwrap_or(now);
        Duration::from_secs(since.seconds_until(now))
    }

    /// Content settles for so many seconds, whatever it was when the row was written.
    pub(crate) fn settles(&mut self, settle: u32) {
        let types = self.types.iter_mut();
        types
            .flat_map(|one| &mut one.progress)
            .for_each(|progress| progress.settles(settle));
    }

    /// What the lease of the shard says, which speaks for a tenant in its turns, at the pace that it
    /// has. A type whose row names a refusal was not listed since, whatever it says.
    pub(crate) fn listed_until(&mut self, mark: Option<Mark>) {
        let Some(Mark { until: end, .. }) = mark.filter(|mark| self.due == Due::InTurn(mark.pace))
        else {
            return;
        };
        for one in &mut self.types {
            if one.known.refusal.is_none()
                && let Some(progress) = &mut one.progress
            {
                progress.listed_until(end);
            }
        }
    }
}

/// How one content type of a tenant stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeFeed {
    /// The type.
    pub content_type: ContentType,
    /// Its subscription, with the cause where there is one.
    pub known: Known,
    /// How far its listings came; `None` until a subscription runs.
    pub progress: Option<Progress>,
    /// What happened since the beginning.
    pub totals: Totals,
    /// When content was last stored: a tenant that used to talk and is silent is known by it.
    pub stored_at: Option<Timestamp>,
    /// How it usually talks. A row that does not say is of one of which nothing is known yet.
    pub rhythm: Rhythm,
    /// The end of the newest window that was listed, when the row was written: what was
    /// available before that was named. What wakes the tenant for less is dropped.
    pub listed_at: Option<Timestamp>,
}

/// A row of one batch. It is written before anything is fetched, so that a run that dies leaves
/// the same batch to the next, under the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The type.
    pub content_type: ContentType,
    /// The hour in which its contents were created.
    pub hour: Window,
    /// Which batch of the hour.
    pub name: BatchName,
    /// What it holds, in order. Kept for more than seven days: by these a later listing knows
    /// what it names.
    pub contents: Vec<ContentKey>,
    /// How its objects are compressed. It stays as it was listed, whatever the setting is now, so
    /// that a repeated run writes to the same key.
    pub format: Format,
    /// How far it is.
    pub state: BatchState,
}

/// How far a batch is. It goes forward only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchState {
    /// Its contents are to be fetched.
    Listed,
    /// What it holds is durable, or counted as lost.
    Stored(StoredBatch),
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredBatch {
    /// When.
    pub at: Timestamp,
    /// The object of its records; `None` where there was none to store.
    pub records: Option<StoredObject>,
    /// The object of what is no JSON.
    pub dead: Option<StoredObject>,
    /// Records in it; this and the counts below are 0 where a run found the object of one that
    /// had died.
    pub record_count: u64,
    /// Of these, repeats of an Id.
    pub repeated: u64,
    /// Of these, without an Id.
    pub without_id: u64,
    /// Pieces that are no JSON.
    pub dead_count: u64,
    /// Contents that could no longer be fetched.
    pub lost: u64,
    /// Bytes of the records, before they are compressed.
    pub bytes: u64,
}

impl StoredBatch {
    /// What it adds to its type's totals, with so many contents.
    pub(crate) fn totals(&self, contents: u64) -> Totals {
        Totals {
            stored: contents.saturating_sub(self.lost),
            lost: self.lost,
            records: self.record_count,
            repeated: self.repeated,
            without_id: self.without_id,
            dead: self.dead_count,
            bytes: self.bytes,
            ..Totals::default()
        }
    }
}

/// An object that is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its key, below the prefix of the setting.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}
