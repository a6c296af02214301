//! The item of a caller key: it holds the key's SHA-256 and never the key. All are in one
//! partition, so that the operator's list is a query.

use auth::Timestamp;
use auth::caller::{CallerName, KeyHash, StoredKey};
use auth::ports::StoreError;
use auth::version::Version;

use crate::table::attributes::{Reader, bytes, text, time};
use crate::table::change::Change;
use crate::table::keys::{self, Item};

const HASH: &str = "hash";
const LAST_USED_AT: &str = "last_used_at";

/// The partition of all caller keys: they are few, and read twice a minute each.
pub(crate) const PARTITION: &str = "CALLERS";
const PREFIX: &str = "KEY#";

pub(crate) fn key(name: &CallerName) -> Item {
    keys::key(PARTITION, format!("{PREFIX}{name}"))
}

/// The item of a new key. `mark`: of the write that puts it.
pub(crate) fn write(
    name: &CallerName,
    hash: &KeyHash,
    created_at: Timestamp,
    version: &Version,
    mark: &str,
) -> Item {
    Change::default()
        .layout()
        .set(HASH, bytes(hash.as_bytes().to_vec()))
        .set(keys::CREATED_AT, time(created_at))
        .set(keys::VERSION, text(&version.0))
        .set(keys::MARK, text(mark))
        .into_item(key(name))
}

/// What a use changes in the item.
pub(crate) fn used(at: Timestamp, version: &Version) -> Change {
    Change::default()
        .set(LAST_USED_AT, time(at))
        .set(keys::VERSION, text(&version.0))
}

pub(crate) fn read(item: &Item) -> Result<StoredKey, StoreError> {
    let reader = Reader::of(item)?;
    let name = reader.text(keys::SK)?.strip_prefix(PREFIX);
    let name = name.and_then(|name| name.parse().ok());
    let hash = reader.optional_bytes(HASH)?;
    let hash = hash.and_then(|bytes| bytes.try_into().ok());
    Ok(StoredKey {
        name: name.ok_or_else(|| reader.unreadable(keys::SK))?,
        hash: KeyHash::from_bytes(hash.ok_or_else(|| reader.unreadable(HASH))?),
        created_at: reader.time(keys::CREATED_AT)?,
        last_used_at: reader.optional_time(LAST_USED_AT)?,
        version: reader.version()?,
    })
}
