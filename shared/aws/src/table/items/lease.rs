//! The item of a lease: whose it is, until when, and how far its holders have come, which
//! stays when it is taken again. It is given back by an end in the past, not deleted: no
//! function may delete a lease.

use std::time::Duration;

use auth::Timestamp;
use auth::ports::{LONGEST_LEASE, Lease, Looked, Noted, StoreError};

use crate::table::attributes::{Reader, as_numbers, number, number_list, text, time};
use crate::table::change::{Change, Condition};
use crate::table::keys::{self, Item};

const CYCLE: &str = "cycle";
const NOTED: &str = "noted";
const LOOKED_UNTIL: &str = "looked_until";
const UNTIL: &str = "until";

const PREFIX: &str = "LEASE#";
const SORT: &str = "LEASE";

/// DynamoDB deletes by the real clock and within days, so this decides nothing for a process that
/// runs: it keeps the leases of processes that died from staying for ever. How far the feed was
/// listed has to outlive the outage after which it says what has expired: longer than seven days.
const KEPT_AFTER_END: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(crate) fn key(name: &str) -> Item {
    keys::key(format!("{PREFIX}{name}"), SORT)
}

/// What taking it changes.
pub(crate) fn taken(lease: &Lease, now: Timestamp, until: Timestamp) -> Change {
    let until = until.min(now + LONGEST_LEASE);
    Change::default()
        .layout()
        .set(keys::MARK, text(&lease.holder))
        .set(UNTIL, time(until))
        .set(keys::TTL, time(until + KEPT_AFTER_END))
}

/// There is none, or it has ended at `now`, or it ends later than any lease can.
pub(crate) fn is_free(now: Timestamp) -> Condition {
    Condition::Outside(UNTIL, now, now + LONGEST_LEASE)
}

/// It is still this holder's.
pub(crate) fn is_held(lease: &Lease) -> Condition {
    Condition::Is(keys::MARK, text(&lease.holder))
}

/// What giving it back changes.
pub(crate) fn given_back() -> Change {
    Change::default().set(UNTIL, time(Timestamp::from_unix(0)))
}

/// What giving it back changes where its holder has come so far.
pub(crate) fn given_back_at(looked: Looked) -> Change {
    let change = given_back()
        .set(LOOKED_UNTIL, time(looked.until))
        .set(CYCLE, number(looked.cycle));
    // Pairs, one after the other; a refresher's lease has none.
    if looked.noted.is_empty() {
        return change;
    }
    let pairs = looked.noted.iter();
    let pairs = pairs.flat_map(|noted| [noted.until.unix(), noted.time.unix()]);
    change.set(NOTED, number_list(pairs))
}

/// How far its holders have come; `None` where one half of it is missing.
pub(crate) fn looked(item: &Item) -> Result<Option<Looked>, StoreError> {
    let reader = Reader::of(item)?;
    let until = reader.optional_time(LOOKED_UNTIL)?;
    let cycle = reader.optional_number(CYCLE)?;
    let pairs: Option<Vec<i64>> = as_numbers(reader.list(NOTED)?);
    let pairs = pairs.ok_or_else(|| reader.unreadable(NOTED))?;
    let noted = pairs.chunks_exact(2).filter_map(|pair| match pair {
        [until, time] => Some(Noted {
            until: Timestamp::from_unix(*until),
            time: Timestamp::from_unix(*time),
        }),
        _ => None,
    });
    let noted = noted.collect();
    Ok(until.zip(cycle).map(|(until, cycle)| Looked {
        until,
        cycle,
        noted,
    }))
}
