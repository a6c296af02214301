//! The item of a tenant's audit log: how far its listings came and how its subscriptions are, for
//! each content type in an attribute of its own (decision 0060).
//!
//! Its place in the due index is written with it ([`Due::number`]), and stays where it is while the
//! tenant is looked at in its turns: an index whose key stays costs nothing.

mod gaps;
mod handed;
mod names;
mod of_type;
mod totals;
mod webhooks;

use auth::ports::StoreError;
use auth::version::Version;
use auth::{TenantId, Timestamp};
use feed::ContentType;
use feed::due::Due;
use feed::ledger::TenantFeed;

use self::handed::{HANDED, handed, read_handed};
use self::names::name;
use self::of_type::{LISTED_AT, listed_at, of_type, read_listed_at, type_feed};
use self::webhooks::{WEBHOOKS, webhook, webhooks};
use crate::table::attributes::{Reader, number, text, time};
use crate::table::change::Change;
use crate::table::keys::{self, Item};

pub(super) use self::gaps::spans;
pub(super) use self::names::map;
pub(super) use self::totals::{TOTALS, read_totals, totals};

const BUSY_UNTIL: &str = "busy_until";
const LEAVES: &str = "leaves";
const PAUSED: &str = "paused";

const SORT: &str = "FEED";

pub(crate) fn key(tenant: TenantId) -> Item {
    keys::key(keys::partition(tenant), SORT)
}

/// All that is known, under a new version.
pub(crate) fn write(feed: &TenantFeed, version: &Version) -> Change {
    write_types(feed, version)
        .layout()
        .first(keys::DUE_SHARD, text(keys::feed_shard(feed.tenant)))
        .set(keys::TURN, number(feed.due.number(feed.tenant)))
        .put(HANDED, handed(&feed.handed))
        .put(LEAVES, feed.leaves.map(time))
        .put(PAUSED, feed.is_paused.then(|| text(true)))
        .put(WEBHOOKS, webhooks(&feed.types))
}

/// What it says of its types, and nothing of its place in the index.
pub(crate) fn write_types(feed: &TenantFeed, version: &Version) -> Change {
    let change = Change::default()
        .put(BUSY_UNTIL, feed.busy_until.map(time))
        .put(LISTED_AT, listed_at(&feed.types))
        .set(keys::VERSION, text(&version.0));
    let types = feed.types.iter();
    types.fold(change, |change, one| {
        change.set(name(one.content_type), of_type(one))
    })
}

/// One session stores for the tenant until then.
pub(crate) fn claimed(until: Timestamp, version: &Version) -> Change {
    Change::default()
        .set(BUSY_UNTIL, time(until))
        .set(keys::VERSION, text(&version.0))
}

pub(crate) fn read(item: &Item) -> Result<TenantFeed, StoreError> {
    let reader = Reader::of(item)?;
    let tenant = keys::parse_partition(reader.text(keys::PK)?);
    let webhooks = reader.members(WEBHOOKS)?;
    let mut types = Vec::new();
    for content_type in ContentType::ALL {
        let name = name(content_type);
        if let Some(members) = reader.members(name)? {
            let one = type_feed(content_type, &Reader::of_key(members));
            let mut one = one.ok_or_else(|| reader.unreadable(name))?;
            if let Some(webhooks) = webhooks {
                let known = webhook(&Reader::of_key(webhooks), name);
                one.known.webhook = known.ok_or_else(|| reader.unreadable(WEBHOOKS))?;
            }
            one.listed_at = read_listed_at(&reader, content_type)?;
            types.push(one);
        }
    }
    Ok(TenantFeed {
        tenant: tenant.ok_or_else(|| reader.unreadable(keys::PK))?,
        is_paused: reader.optional_parsed(PAUSED)?.unwrap_or(false),
        leaves: reader.optional_time(LEAVES)?,
        due: Due::of(reader.number(keys::TURN)?),
        types,
        handed: read_handed(&reader)?,
        busy_until: reader.optional_time(BUSY_UNTIL)?,
        version: Some(reader.version()?),
        events: Vec::new(),
    })
}

/// The tenant of a row of the due index, and when a run looks at it: of a row under any layout,
/// because its key says it.
pub(crate) fn due(row: &Item) -> Result<(TenantId, Due), StoreError> {
    let reader = Reader::of_key(row);
    let tenant = keys::parse_partition(reader.text(keys::PK)?);
    let tenant = tenant.ok_or_else(|| reader.unreadable(keys::PK))?;
    Ok((tenant, Due::of(reader.number(keys::TURN)?)))
}

/// What a run changes that could not read or write the row.
pub(crate) fn looked_at(tenant: TenantId, at: Timestamp) -> Change {
    Change::default().set(keys::TURN, number(Due::From(at).number(tenant)))
}
