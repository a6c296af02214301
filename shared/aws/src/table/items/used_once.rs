//! The mark of a thing that was used and may be used once. There is nothing to read: it is
//! there, or it is not, whatever its layout.

use std::time::Duration;

use auth::Timestamp;

use crate::table::attributes::{text, time};
use crate::table::change::Change;
use crate::table::keys::{self, Item};

const PREFIX: &str = "ONCE#";
const SORT: &str = "ONCE";

/// How long after its thing's own end a mark is kept. DynamoDB deletes by the real
/// clock and within days, so this decides nothing: until it goes a mark refuses,
/// and when it goes the thing has expired by itself.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn key(id: &str) -> Item {
    keys::key(format!("{PREFIX}{id}"), SORT)
}

/// `mark`: of the write that puts it.
pub(crate) fn write(id: &str, expires_at: Timestamp, mark: &str) -> Item {
    Change::default()
        .layout()
        .set(keys::TTL, time(expires_at + KEPT_AFTER_EXPIRY))
        .set(keys::MARK, text(mark))
        .into_item(key(id))
}
