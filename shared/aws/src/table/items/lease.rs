//! The item of a lease: whose it is, and until when. It is given back by an end in the past,
//! not deleted: no function may delete a lease.

use std::time::Duration;

use auth::Timestamp;
use auth::ports::Lease;

use crate::table::attributes::{text, time};
use crate::table::change::{Change, Condition};
use crate::table::keys::{self, Item};

const UNTIL: &str = "until";

const PREFIX: &str = "LEASE#";
const SORT: &str = "LEASE";

/// DynamoDB deletes by the real clock and within days, so this decides nothing: it
/// keeps the leases of processes that died from staying for ever.
const KEPT_AFTER_END: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn key(name: &str) -> Item {
    keys::key(format!("{PREFIX}{name}"), SORT)
}

pub(crate) fn write(lease: &Lease, until: Timestamp) -> Item {
    Change::default()
        .set(keys::MARK, text(&lease.holder))
        .set(UNTIL, time(until))
        .set(keys::TTL, time(until + KEPT_AFTER_END))
        .into_item(key(&lease.name))
}

/// There is none, or it has ended at `now`.
pub(crate) fn is_free(now: Timestamp) -> Condition {
    Condition::Past(UNTIL, now)
}

/// It is still this holder's.
pub(crate) fn is_held(lease: &Lease) -> Condition {
    Condition::Is(keys::MARK, text(&lease.holder))
}

/// What giving it back changes.
pub(crate) fn given_back() -> Change {
    Change::default().set(UNTIL, time(Timestamp::from_unix(0)))
}
