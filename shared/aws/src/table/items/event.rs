//! The item of an event that waits in the outbox: its text as every destination gets it, which
//! destinations have it, and when it is tried again. It is put by the transaction of what it is
//! about; whoever delivers it notes the rest, and deletes it when all have it. It has no TTL:
//! nothing but a delivery ends it.

use auth::event::Event;
use auth::ports::{StoreError, WaitingEvent};

use crate::table::attributes::{Reader, number, text, texts, time};
use crate::table::change::Change;
use crate::table::keys::{self, Item};
use crate::table::outbox_parts::OutboxOf;

const ATTEMPTS: &str = "attempts";
const BODY: &str = "body";
const KIND: &str = "kind";
const TAKEN_BY: &str = "taken_by";
const TIME: &str = "time";

const PREFIX: &str = "OUTBOX#";
/// Between the time and the id in a place.
const SEPARATOR: char = '#';

/// The partition of a shard.
pub(crate) fn partition(of: OutboxOf, shard: u32) -> String {
    format!("{PREFIX}{}#{shard}", of.as_str())
}

/// The key of the event at this place.
pub(crate) fn key(of: OutboxOf, shard: u32, place: &str) -> Item {
    keys::key(partition(of, shard), place)
}

/// The item of a new event.
pub(crate) fn new(of: OutboxOf, shard: u32, event: &Event) -> Item {
    // So many digits that texts sort as the times do, for some thousand years.
    let place = format!("{:012}{SEPARATOR}{}", event.time.unix().max(0), event.id);
    Change::default()
        .layout()
        .set(KIND, text(event.kind))
        .set(TIME, time(event.time))
        .set(BODY, text(event.to_json()))
        .into_item(key(of, shard, &place))
}

/// What a try that did not reach every destination changes.
pub(crate) fn put_off(event: &WaitingEvent) -> Change {
    let taken_by: Vec<String> = event.taken_by.iter().cloned().collect();
    Change::default()
        .set(TAKEN_BY, texts(&taken_by))
        .set(ATTEMPTS, number(event.attempts))
        .put(keys::NEXT_ATTEMPT_AT, event.next_attempt_at.map(time))
}

/// The event of an item of this shard.
pub(crate) fn read(shard: u32, item: &Item) -> Result<WaitingEvent, StoreError> {
    let reader = Reader::of(item)?;
    let place = reader.text(keys::SK)?;
    let (_, id) = place
        .split_once(SEPARATOR)
        .ok_or_else(|| reader.unreadable(keys::SK))?;
    let taken_by = match item.contains_key(TAKEN_BY) {
        true => reader.texts(TAKEN_BY)?,
        false => Vec::new(),
    };
    Ok(WaitingEvent {
        shard,
        place: place.to_owned(),
        id: id.to_owned(),
        kind: reader.text(KIND)?.to_owned(),
        time: reader.time(TIME)?,
        body: reader.text(BODY)?.to_owned(),
        taken_by: taken_by.into_iter().collect(),
        attempts: reader.optional_number(ATTEMPTS)?.unwrap_or_default(),
        next_attempt_at: reader.optional_time(keys::NEXT_ATTEMPT_AT)?,
    })
}
