//! The item of the list of callers' issuers: all of it, so that one read finds one list.

use auth::issuers::StoredIssuers;
use auth::ports::StoreError;

use crate::table::attributes::{Reader, text, time};
use crate::table::change::{Change, Condition};
use crate::table::keys::{self, Item};

const ISSUER_LIST: &str = "issuer_list";

/// Its partition and its sort key.
pub(crate) const ISSUERS: &str = "ISSUERS";

pub(crate) fn key() -> Item {
    keys::key(ISSUERS, ISSUERS)
}

/// The whole item. Each version is a document of its own: what a later release wrote beside the
/// version before was said of that text, and must not speak for this one.
pub(crate) fn write(list: &StoredIssuers) -> Item {
    Change::default()
        .layout()
        .set(ISSUER_LIST, text(&list.text))
        .set(keys::VERSION, text(list.version))
        .set(keys::DIGEST, text(&list.digest))
        .set(keys::PUT_AT, time(list.put_at))
        .into_item(key())
}

/// What is stored is the list that this one follows on: nothing at all before the first.
pub(crate) fn precedes(list: &StoredIssuers) -> Condition {
    Condition::before(list.version)
}

pub(crate) fn read(item: &Item) -> Result<StoredIssuers, StoreError> {
    let reader = Reader::of(item)?;
    Ok(StoredIssuers {
        text: reader.text(ISSUER_LIST)?.to_owned(),
        version: reader.parsed(keys::VERSION)?,
        digest: reader.text(keys::DIGEST)?.to_owned(),
        put_at: reader.time(keys::PUT_AT)?,
    })
}
