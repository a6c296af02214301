//! The outbox, where events wait until every destination has them, and the destinations.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::store::StoreError;
use crate::timestamp::Timestamp;

/// How many events are sent at once, at most (Amazon EventBridge API reference, PutEvents:
/// ten entries).
pub const SENT_AT_ONCE: usize = 10;

/// An event as it waits: its text was made in the transaction of what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingEvent {
    /// Where it lies: the shard, and its place among the others of it, by time.
    pub shard: u32,
    /// Likewise.
    pub place: String,
    /// Its id, by which receivers drop repeats.
    pub id: String,
    /// The name of what happened.
    pub kind: String,
    /// When it happened.
    pub time: Timestamp,
    /// Its JSON.
    pub body: String,
    /// The destinations that have it.
    pub taken_by: BTreeSet<String>,
    /// How often it was tried without reaching them all.
    pub attempts: u32,
    /// It is not tried again before; `None` where it was never tried.
    pub next_attempt_at: Option<Timestamp>,
}

/// A page of what waits in a shard.
#[derive(Debug, Clone, Default)]
pub struct WaitingPage {
    /// Those that can be read, the oldest first.
    pub events: Vec<WaitingEvent>,
    /// Pass as `after` to go on; `None` at the end.
    pub next: Option<String>,
}

/// The events that wait. They are put by the transactions of what happened, never through this
/// port.
///
/// Failure policy: what cannot be read or written down is delivered by a later run, perhaps once
/// more. A row that cannot be read is reported in the log and hides no other.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Into how many shards it is cut. An event's shard follows from its tenant.
    fn shards(&self) -> u32;

    /// What the lease of a shard is called: one deliverer at a time works on it.
    fn lease(&self, shard: u32) -> String;

    /// The shards into which this process has put events since this was asked last. Only a hint:
    /// a process that ends forgets it.
    fn written_here(&self) -> BTreeSet<u32>;

    /// Up to `limit` events of a shard, those whose turn has not come too. Strongly consistent.
    async fn waiting(
        &self,
        shard: u32,
        after: Option<&str>,
        limit: u32,
    ) -> Result<WaitingPage, StoreError>;

    /// Takes an event out: every destination has it, or it is given up. One that is gone stays
    /// gone.
    async fn done(&self, event: &WaitingEvent) -> Result<(), StoreError>;

    /// Writes down who has it, how often it was tried and when it is tried again. One that is
    /// gone stays gone.
    async fn put_off(&self, event: &WaitingEvent) -> Result<(), StoreError>;
}

/// What became of an event at a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The destination has it.
    Taken,
    /// The destination wants no events any more: this one is not offered again.
    Unwanted,
    /// Not now; the text says why, without a word of the answer's body.
    Later(String),
}

/// A destination of events.
///
/// Failure policy: none fails as a whole. What has no outcome that can be read is
/// [`Sent::Later`], and is sent again with the same id.
#[async_trait]
pub trait EventSink: Send + Sync {
    /// Its name, by which an event remembers that it has it. It never changes.
    fn name(&self) -> &'static str;

    /// Sends up to [`SENT_AT_ONCE`] events: the outcome of each, in their order. Bounded in time
    /// by itself.
    async fn send(&self, events: &[&WaitingEvent]) -> Vec<Sent>;
}
