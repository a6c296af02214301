//! The item of a batch of the audit log: which contents become one object, and once that is
//! durable, which object (decision 0060).
//!
//! The name in the key follows from hour and contents: a row whose contents are others than its
//! name says is damaged.

use std::time::Duration;

use auth::ports::StoreError;
use auth::{TenantId, Timestamp};
use aws_sdk_dynamodb::types::AttributeValue;
use feed::batch::BatchName;
use feed::content::ContentKey;
use feed::ledger::{BatchRow, BatchState, StoredBatch, StoredObject};
use feed::object_key::Format;
use feed::{ContentType, Window};

use crate::table::attributes::{Reader, bytes, number, text, time};
use crate::table::change::{Change, Condition};
use crate::table::keys::{self, Item};

const CONTENTS: &str = "contents";
const DEAD_COUNT: &str = "dead_count";
const FORMAT: &str = "format";
const KEY: &str = "key";
const RECORD_COUNT: &str = "record_count";
const SHA256: &str = "sha256";
const SIZE: &str = "size";
const STATE: &str = "state";

const PREFIX: &str = "F#";
const LISTED: &str = "listed";
const STORED: &str = "stored";
const GZIP: &str = "gzip";
const ZSTD: &str = "zstd";

/// How long after its hour a row is kept: what is older than seven days is not listed any more,
/// so that no listing needs it. DynamoDB deletes by the real clock and within days.
const KEPT_AFTER_HOUR: Duration = Duration::from_secs(35 * 24 * 60 * 60);

/// Digits of an hour: sort keys are in the order of time until the year 2286.
const HOUR_DIGITS: usize = 10;

pub(crate) fn key(batch: &BatchRow) -> Item {
    let (hour, name) = (batch.hour.start(), batch.name.as_str());
    keys::key(
        partition(batch.tenant, batch.content_type),
        format!("{}{name}", sort_prefix(hour)),
    )
}

pub(crate) fn partition(tenant: TenantId, content_type: ContentType) -> String {
    format!("{PREFIX}{tenant}#{content_type}")
}

/// What the sort keys of an hour's batches begin with.
fn sort_prefix(hour: Timestamp) -> String {
    format!("{:0HOUR_DIGITS$}#", hour.unix())
}

/// Between which two sort keys the batches of the hours of a window are, both included: names are
/// hexadecimal digits, and `~` comes after each of them.
pub(crate) fn sorts_within(window: Window) -> (String, String) {
    let last = window.end() - Duration::from_secs(1);
    let [first, last] = [window.start(), last].map(|at| sort_prefix(Window::hour_of(at).start()));
    (first, format!("{last}~"))
}

/// Not yet stored.
pub(crate) fn is_listed() -> Condition {
    Condition::Is(STATE, text(LISTED))
}

/// All attributes but the key. `mark`: of this write.
pub(crate) fn write(batch: &BatchRow, mark: &str) -> Change {
    let contents: Vec<u8> = batch
        .contents
        .iter()
        .flat_map(|content| content.0)
        .collect();
    let change = Change::default()
        .layout()
        .set(CONTENTS, bytes(contents))
        .set(FORMAT, text(format_name(batch.format)))
        .set(keys::TTL, time(batch.hour.start() + KEPT_AFTER_HOUR));
    advance(change, &batch.state, mark)
}

/// What storing a batch changes in its row.
pub(crate) fn advanced(batch: &BatchRow, mark: &str) -> Change {
    advance(Change::default(), &batch.state, mark)
}

fn advance(change: Change, state: &BatchState, mark: &str) -> Change {
    let change = change.set(keys::MARK, text(mark));
    match state {
        BatchState::Listed => change.set(STATE, text(LISTED)),
        BatchState::Stored(stored) => change
            .set(STATE, text(STORED))
            .set(keys::STORED_AT, time(stored.at))
            .put(keys::RECORDS, stored.records.as_ref().map(object))
            .put(keys::DEAD, stored.dead.as_ref().map(object))
            .put(RECORD_COUNT, counted(stored.record_count))
            .put(keys::REPEATED, counted(stored.repeated))
            .put(keys::WITHOUT_ID, counted(stored.without_id))
            .put(DEAD_COUNT, counted(stored.dead_count))
            .put(keys::LOST, counted(stored.lost))
            .put(keys::BYTES, counted(stored.bytes)),
    }
}

/// A count of 0 is no attribute.
fn counted(count: u64) -> Option<AttributeValue> {
    (count > 0).then(|| number(count))
}

fn object(object: &StoredObject) -> AttributeValue {
    AttributeValue::M(Item::from([
        (KEY.to_owned(), text(&object.key)),
        (SIZE.to_owned(), number(object.size)),
        (SHA256.to_owned(), bytes(object.sha256.to_vec())),
    ]))
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Gzip => GZIP,
        Format::Zstd => ZSTD,
    }
}

pub(crate) fn read(item: &Item) -> Result<BatchRow, StoreError> {
    let reader = Reader::of(item)?;
    let pk = parse_partition(reader.text(keys::PK)?);
    let (tenant, content_type) = pk.ok_or_else(|| reader.unreadable(keys::PK))?;
    let contents = contents(reader.bytes(CONTENTS)?);
    let contents = contents.ok_or_else(|| reader.unreadable(CONTENTS))?;
    let named = parse_sort(reader.text(keys::SK)?, &contents);
    let (hour, name) = named.ok_or_else(|| reader.unreadable(keys::SK))?;
    Ok(BatchRow {
        tenant,
        content_type,
        hour,
        name,
        contents,
        format: match reader.text(FORMAT)? {
            GZIP => Format::Gzip,
            ZSTD => Format::Zstd,
            _ => return Err(reader.unreadable(FORMAT)),
        },
        state: match reader.text(STATE)? {
            LISTED => BatchState::Listed,
            STORED => BatchState::Stored(stored(&reader)?),
            _ => return Err(reader.unreadable(STATE)),
        },
    })
}

pub(super) fn parse_partition(pk: &str) -> Option<(TenantId, ContentType)> {
    let (tenant, content_type) = pk.strip_prefix(PREFIX)?.split_once('#')?;
    Some((tenant.parse().ok()?, content_type.parse().ok()?))
}

fn contents(keys: &[u8]) -> Option<Vec<ContentKey>> {
    let keys = keys.chunks(16).map(|key| key.try_into().map(ContentKey));
    keys.collect::<Result<_, _>>().ok()
}

/// The hour and the name, which is that of these contents.
fn parse_sort(sk: &str, contents: &[ContentKey]) -> Option<(Window, BatchName)> {
    let (hour, digits) = sk.split_once('#')?;
    let hour = Timestamp::from_unix(hour.parse().ok()?);
    let name = BatchName::of(hour, contents);
    let window = Window::hour_of(hour);
    (window.start() == hour && name.as_str() == digits).then_some((window, name))
}

fn stored(reader: &Reader<'_>) -> Result<StoredBatch, StoreError> {
    Ok(StoredBatch {
        at: reader.time(keys::STORED_AT)?,
        records: read_object(reader, keys::RECORDS)?,
        dead: read_object(reader, keys::DEAD)?,
        record_count: reader.count(RECORD_COUNT)?,
        repeated: reader.count(keys::REPEATED)?,
        without_id: reader.count(keys::WITHOUT_ID)?,
        dead_count: reader.count(DEAD_COUNT)?,
        lost: reader.count(keys::LOST)?,
        bytes: reader.count(keys::BYTES)?,
    })
}

fn read_object(
    reader: &Reader<'_>,
    name: &'static str,
) -> Result<Option<StoredObject>, StoreError> {
    let Some(members) = reader.members(name)? else {
        return Ok(None);
    };
    let members = Reader::of_key(members);
    let unreadable = |_| reader.unreadable(name);
    let sha256 = members.bytes(SHA256).map_err(unreadable)?.try_into();
    Ok(Some(StoredObject {
        key: members.text(KEY).map_err(unreadable)?.to_owned(),
        size: members.number(SIZE).map_err(unreadable)?,
        sha256: sha256.map_err(|_| reader.unreadable(name))?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hours_of_a_window_are_between_two_sort_keys() {
        let hour = "1431655200#";
        let rows = [
            (1_431_655_200, 1_431_658_800, hour, hour),
            (1_431_655_201, 1_431_655_202, hour, hour),
            (1_431_658_799, 1_431_658_801, hour, "1431658800#"),
            (0, 1, "0000000000#", "0000000000#"),
            (1_431_655_199, 1_431_655_200, "1431651600#", "1431651600#"),
        ];
        for (start, end, first, last) in rows {
            let [start, end] = [start, end].map(Timestamp::from_unix);
            let found = sorts_within(Window::new(start, end).unwrap());
            assert_eq!(found, (first.to_owned(), format!("{last}~")));
        }
    }
}
