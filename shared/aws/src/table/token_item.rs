//! A token record as an item. The token in it is sealed: this file never sees one.

use auth::ports::StoreError;
use auth::token::TokenRecord;
use auth::version::Version;
use auth::{Tenant, Timestamp};

use super::change::Change;
use super::item::{Reader, number, text, time};
use super::transaction::follow;
use super::{Item, keys};

/// A record as it is stored: without its token, which is sealed beside it.
pub(super) struct StoredToken {
    pub(super) record: TokenRecord,
    pub(super) sealed: Option<Sealed>,
}

/// A sealed token, the expiry that it is bound to, and when it was asked for.
pub(super) struct Sealed {
    pub(super) bytes: Vec<u8>,
    pub(super) expires_at: Timestamp,
    pub(super) issued_at: Timestamp,
}

/// What a new consent changes in a record, or makes it of: it has no token, it is due,
/// and nothing of its past failures counts.
pub(super) fn connect(tenant: &Tenant, due_at: Timestamp, version: &Version) -> Change {
    let change = Change::default()
        .set(keys::CLOUD, text(tenant.cloud))
        .set(keys::REFRESH_AT, time(due_at))
        .set(keys::FAILURES, number(0))
        .remove(keys::FAILURE)
        .remove(keys::FAILURE_AADSTS)
        .remove(keys::FAILURE_ALSO)
        .remove(keys::SUSPECTED_AT)
        .remove(keys::NEXT_ATTEMPT_AT);
    follow(without_token(change), tenant, version)
}

/// What a change of the tenant that is no attempt's outcome changes in a record.
pub(super) fn change(tenant: &Tenant, version: &Version) -> Change {
    let change = match tenant.status.is_vended() {
        true => Change::default(),
        false => without_token(Change::default()),
    };
    follow(change, tenant, version)
}

/// Takes the token out of a record.
pub(super) fn without_token(change: Change) -> Change {
    [keys::SEALED, keys::EXPIRES_AT, keys::ISSUED_AT]
        .into_iter()
        .fold(change, Change::remove)
}

/// The record of an item.
pub(super) fn read(item: &Item) -> Result<StoredToken, StoreError> {
    let reader = Reader(item);
    let tenant =
        keys::parse_partition(reader.text(keys::PK)?).ok_or_else(|| reader.unreadable(keys::PK))?;
    let resource = keys::parse_token_sort(reader.text(keys::SK)?)
        .ok_or_else(|| reader.unreadable(keys::SK))?;
    let record = TokenRecord {
        tenant,
        resource,
        customer: reader.customer()?,
        cloud: reader.parsed(keys::CLOUD)?,
        status: reader.parsed(keys::STATUS)?,
        cause: reader.cause()?,
        tags: reader.text_map(keys::TAGS)?,
        token: None,
        refresh_at: reader.time(keys::REFRESH_AT)?,
        failures: reader.number(keys::FAILURES)?,
        next_attempt_at: reader.optional_time(keys::NEXT_ATTEMPT_AT)?,
        last_failure: reader.last_failure()?,
        suspected_at: reader.optional_time(keys::SUSPECTED_AT)?,
        version: Version(reader.text(keys::VERSION)?.to_owned()),
    };
    let sealed = match reader.optional_bytes(keys::SEALED)? {
        None => None,
        Some(bytes) => Some(Sealed {
            bytes: bytes.to_vec(),
            expires_at: reader.time(keys::EXPIRES_AT)?,
            issued_at: reader.time(keys::ISSUED_AT)?,
        }),
    };
    Ok(StoredToken { record, sealed })
}
