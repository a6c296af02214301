//! What the lease of a shard says of how far its tenants are listed, so that an idle tenant's row
//! need not (decision 0060).
//!
//! Each run notes, beside up to which turn it has looked, the earliest mark of the tenants whose
//! turn that was ([`Report::listed_until`](crate::collect::Report::listed_until)). What is kept
//! is one note for each run of as many cycles as the slowest [pace](crate::pace) has: with one for
//! the whole shard, every note would have to be the earliest of all, and what expires would be
//! counted too high by that.
//!
//! It speaks for a tenant that is looked at in its turns, and for no other.

use std::time::Duration;

use auth::ports::{Looked, Noted};
use auth::turns::{Slot, Turns};
use auth::{TenantId, Timestamp};

use crate::due::Due;
use crate::pace::Pace;

/// Notes that a lease keeps, so that it stays below one write unit: a run each 75 seconds leaves
/// one, for an hour. Of more, the oldest become one, with the earlier mark.
const MOST: usize = 48;

/// Of these turns nothing is known: earlier than any mark.
const UNKNOWN: Timestamp = Timestamp::from_unix(0);

/// In these turns no tenant was listed: later than any mark.
const NONE_LISTED: Timestamp = Timestamp::from_unix(1 << 45);

/// What a lease says of a tenant that is looked at at this pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// At another pace the turn that it is about would be another one, in which the tenant may not
    /// have been looked at.
    pub pace: Pace,
    /// All before this is listed.
    pub until: Timestamp,
}

/// The lease of a shard.
pub fn lease_of(shard: u32) -> String {
    format!("feed#{shard}")
}

/// The shard of a tenant, for ever.
pub fn shard_of(tenant: TenantId, shards: u32) -> u32 {
    u32::from(Slot::of(tenant).number()) % shards.max(1)
}

/// The turns of all tenants. `interval`: from one turn of a tenant to its next.
pub fn turns(interval: Duration) -> Turns {
    Turns::every(interval)
}

/// What a lease says that can be believed: of these turns, and not of a time that is yet to come.
pub fn believed(looked: Option<Looked>, turns: Turns, now: Timestamp) -> Option<Looked> {
    looked.filter(|looked| looked.cycle == turns.cycle() && looked.until <= now)
}

/// What a lease says of a tenant that is looked at in its turns, as its place in the index was
/// `due`; `None` where no note covers its last turn.
pub fn mark_of(looked: &Looked, turns: Turns, tenant: TenantId, due: Due) -> Option<Mark> {
    let Due::InTurn(pace) = due else {
        return None;
    };
    let turn = pace.last(turns, tenant, looked.until);
    let mut noted = looked.noted.iter();
    let note = noted.find(|noted| turn <= noted.until)?;
    let is_known = note.time > UNKNOWN && note.time < NONE_LISTED;
    (note.until <= looked.until && is_known).then_some(Mark {
        pace,
        until: note.time,
    })
}

/// Whether a turn of a tenant came after what was looked at before, and not after `at`: of several
/// that were missed, one is enough. Where it is not known what was looked at, every tenant's did.
pub(crate) fn came(
    before: Option<&Looked>,
    turns: Turns,
    (tenant, pace): (TenantId, Pace),
    at: Timestamp,
) -> bool {
    before.is_none_or(|before| pace.last(turns, tenant, at) > before.until)
}

/// The turn of a tenant that a run looks at which began at `at`: the first one after what was
/// looked at. A run takes them in this order, so that those which the runs before had to leave
/// come first.
pub(crate) fn turn_of(
    before: Option<&Looked>,
    turns: Turns,
    (tenant, pace): (TenantId, Pace),
    at: Timestamp,
) -> Timestamp {
    match before {
        Some(before) => pace.next(turns, tenant, before.until),
        None => pace.last(turns, tenant, at),
    }
}

/// What a run leaves that began at `at`, has looked at all turns up to `until` ([`turn_of`]) and
/// found nothing listed beyond `listed` in them. `before`: what it found in the lease, as far as
/// believed.
pub(crate) fn looked(
    before: Option<&Looked>,
    turns: Turns,
    (at, until): (Timestamp, Timestamp),
    listed: Option<Timestamp>,
) -> Looked {
    let cycle = Duration::from_secs(turns.cycle());
    // Of a tenant that is left, the note of its last turn is there; or else nothing is known.
    let mut noted = match before {
        Some(before) => before.noted.clone(),
        None => vec![Noted {
            until: at - cycle,
            time: UNKNOWN,
        }],
    };
    if noted.last().is_none_or(|last| last.until < until) {
        noted.push(Noted {
            until,
            time: listed.unwrap_or(NONE_LISTED),
        });
    }
    // No tenant had its last turn before that.
    noted.retain(|noted| noted.until > until - Pace::SLOWEST.period(turns));
    while let [first, second, ..] = noted[..]
        && noted.len() > MOST
    {
        let time = first.time.min(second.time);
        noted.splice(..2, [Noted { time, ..second }]);
    }
    Looked {
        until,
        cycle: turns.cycle(),
        noted,
    }
}

#[cfg(test)]
#[path = "marks_tests.rs"]
mod tests;
