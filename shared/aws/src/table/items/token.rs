//! The item of a token record, which consents, renewals and changes of its tenant write in
//! parts. The token in it is sealed: this file never sees one.

use auth::ports::{Settlement, StoreError};
use auth::token::TokenRecord;
use auth::turns::{Look, SLOTS, Slot};
use auth::version::Version;
use auth::{Resource, Tenant, TenantId, Timestamp};

use crate::table::attributes::{Reader, bytes, number, text, text_map, time};
use crate::table::change::Change;
use crate::table::keys::{self, CauseNames, Item};

const FAILURE: &str = "failure";
const FAILURE_AADSTS: &str = "failure_aadsts";
const FAILURE_ALSO: &str = "failure_also";
const FAILURES: &str = "failures";
const ISSUED_AT: &str = "issued_at";
const SEALED: &str = "sealed";
const SUSPECTED_AT: &str = "suspected_at";

/// Times begin where slots end.
pub(crate) const FIRST_TIME: Timestamp = Timestamp::from_unix(SLOTS as i64);

/// Why the last attempt brought no token.
const OF_FAILURE: CauseNames = [FAILURE, FAILURE_AADSTS, FAILURE_ALSO];

/// What the sort keys of token records begin with.
pub(crate) const PREFIX: &str = "TOKEN#";

pub(crate) fn key(tenant: TenantId, resource: &Resource) -> Item {
    key_by_sort(tenant, &sort(resource))
}

pub(crate) fn key_by_sort(tenant: TenantId, sort: &str) -> Item {
    keys::key(keys::partition(tenant), sort)
}

pub(crate) fn sort(resource: &Resource) -> String {
    format!("{PREFIX}{resource}")
}

fn parse_sort(sk: &str) -> Option<Resource> {
    sk.strip_prefix(PREFIX)?.parse().ok()
}

/// A record as it is stored: without its token, which is sealed beside it.
pub(crate) struct StoredToken {
    pub(crate) record: TokenRecord,
    pub(crate) sealed: Option<Sealed>,
}

/// A sealed token, the expiry that it is bound to, and when it was asked for.
pub(crate) struct Sealed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) expires_at: Timestamp,
    pub(crate) issued_at: Timestamp,
}

/// What a new consent changes in a record, or makes it of: it has no token, it is due,
/// and nothing of its past failures counts. An admin waits for it, so that the next run takes it
/// before everything that failed or waits for its time.
pub(crate) fn connected(tenant: &Tenant, due_at: Timestamp, version: &Version) -> Change {
    let change = Change::default()
        .layout()
        .set(keys::CLOUD, text(tenant.cloud));
    let change = looked_at(fresh(change, due_at), tenant.id, Look::From(FIRST_TIME));
    follow(without_token(change), tenant, version)
}

/// What a change of the tenant that is no attempt's outcome changes in a record. It reads
/// nothing of the record, so that no damage in it keeps a tenant from being suspended. When the
/// refresher looks at it stays: one without a token is renewed whatever its time says.
pub(crate) fn changed(tenant: &Tenant, version: &Version) -> Change {
    let change = if tenant.status.is_vended() {
        Change::default()
    } else {
        without_token(Change::default())
    };
    follow(change, tenant, version)
}

/// What the outcome of an attempt changes in its record; a new token comes to it by
/// [`with_token`]. The copy of the tenant's status stays as it is.
pub(crate) fn settled(tenant: TenantId, settlement: Settlement<'_>) -> Change {
    match settlement {
        Settlement::Token {
            refresh_at, look, ..
        } => looked_at(fresh(Change::default(), refresh_at), tenant, look),
        Settlement::Failure {
            next_attempt_at,
            refresh_at,
            failures,
            cause,
            suspected_at,
            drop_token,
        } => {
            let change = looked_at(Change::default(), tenant, Look::From(refresh_at))
                .set(keys::REFRESH_AT, time(refresh_at))
                .set(keys::NEXT_ATTEMPT_AT, time(next_attempt_at))
                .set(FAILURES, number(failures))
                .cause(OF_FAILURE, Some(cause))
                .put(SUSPECTED_AT, suspected_at.map(time));
            if drop_token {
                without_token(change)
            } else {
                change
            }
        }
    }
}

/// When the refresher looks at the record.
pub(crate) fn looked_at(change: Change, tenant: TenantId, look: Look) -> Change {
    let turn = match look {
        Look::AtItsTurns => number(Slot::of(tenant).number()),
        Look::From(at) => time(at.max(FIRST_TIME)),
    };
    change.set(keys::TURN, turn)
}

/// Puts a token into a record.
pub(crate) fn with_token(change: Change, sealed: Sealed) -> Change {
    change
        .set(SEALED, bytes(sealed.bytes))
        .set(keys::EXPIRES_AT, time(sealed.expires_at))
        .set(ISSUED_AT, time(sealed.issued_at))
}

fn without_token(change: Change) -> Change {
    [SEALED, keys::EXPIRES_AT, ISSUED_AT]
        .into_iter()
        .fold(change, Change::remove)
}

/// Due at `refresh_at`, without a trace of failures.
fn fresh(change: Change, refresh_at: Timestamp) -> Change {
    change
        .set(keys::REFRESH_AT, time(refresh_at))
        .remove(FAILURES)
        .remove(keys::NEXT_ATTEMPT_AT)
        .remove(SUSPECTED_AT)
        .cause(OF_FAILURE, None)
}

/// What a change of a tenant changes in each of its token records. The new
/// version makes a renewal under way stale: what it read of the tenant is out of date.
pub(crate) fn follow(change: Change, after: &Tenant, version: &Version) -> Change {
    let refreshed = after.status.is_refreshed();
    let shard = refreshed.then(|| text(keys::due_shard(after.id)));
    change
        .set(keys::CUSTOMER, text(&after.customer))
        .set(keys::STATUS, text(after.status))
        .cause(keys::OF_STATUS, after.cause.as_ref())
        .put(keys::DUE_SHARD, shard)
        .put(keys::TAGS, text_map(&after.tags))
        .set(keys::VERSION, text(&version.0))
}

pub(crate) fn read(item: &Item) -> Result<StoredToken, StoreError> {
    let reader = Reader::of(item)?;
    let (tenant, resource) = names(item)?;
    let record = TokenRecord {
        tenant,
        resource,
        customer: reader.customer()?,
        cloud: reader.parsed(keys::CLOUD)?,
        status: reader.parsed(keys::STATUS)?,
        cause: reader.cause(keys::OF_STATUS)?,
        tags: reader.text_map(keys::TAGS)?,
        token: None,
        refresh_at: reader.time(keys::REFRESH_AT)?,
        failures: reader.optional_number(FAILURES)?.unwrap_or_default(),
        next_attempt_at: next_attempt_at(item)?,
        last_failure: reader.cause(OF_FAILURE)?,
        suspected_at: reader.optional_time(SUSPECTED_AT)?,
        version: reader.version()?,
    };
    let sealed = match reader.optional_bytes(SEALED)? {
        None => None,
        Some(bytes) => Some(Sealed {
            bytes: bytes.to_vec(),
            expires_at: reader.time(keys::EXPIRES_AT)?,
            issued_at: reader.time(ISSUED_AT)?,
        }),
    };
    Ok(StoredToken { record, sealed })
}

/// The tenant and resource of a record, or of its row in the due index.
pub(crate) fn names(item: &Item) -> Result<(TenantId, Resource), StoreError> {
    let reader = Reader::of_key(item);
    let tenant = keys::parse_partition(reader.text(keys::PK)?);
    let resource = parse_sort(reader.text(keys::SK)?);
    Ok((
        tenant.ok_or_else(|| reader.unreadable(keys::PK))?,
        resource.ok_or_else(|| reader.unreadable(keys::SK))?,
    ))
}

pub(crate) fn next_attempt_at(item: &Item) -> Result<Option<Timestamp>, StoreError> {
    Reader::of(item)?.optional_time(keys::NEXT_ATTEMPT_AT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_as_what_they_name_and_nothing_else_does() {
        let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
        let resource: Resource = "https://manage.office.com".parse().unwrap();
        let found = names(&key(tenant, &resource)).unwrap();
        assert_eq!(found, (tenant, resource));
        assert_eq!(keys::parse_partition("ONCE#x"), None);
        assert_eq!(parse_sort("TENANT"), None);
    }
}
