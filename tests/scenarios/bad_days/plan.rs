//! What is wrong when: every time in seconds since the beginning. A day is one pass through the
//! script; what is wrong at a moment follows from the moment alone.

use std::collections::BTreeSet;
use std::ops::Range;

use auth::{Cloud, TenantId};
use serde_json::{Value, json};
use tests::ideal::{CYCLE, PERIOD, USUAL_LIFE};
use tests::moved_fleet::Fault;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// What is wrong is wrong for so long: two runs meet it.
const SPELL: i64 = 10 * MINUTE;
/// The role that every token must carry.
pub const ROLE: &str = "ActivityFeed.Read";
/// What a person has to mend is looked at again at the latest after this.
const LOOKED_AT_AGAIN: i64 = 24 * HOUR;

/// The fleet and its time.
pub struct Plan {
    /// How many tenants.
    pub tenants: usize,
    /// One pass through the script.
    pub day: i64,
    /// How many of them.
    pub days: i64,
    /// From the beginning of one spell to the next.
    apart: i64,
    /// Every so manieth tenant is asked for in a turn of the observer.
    pub observed: usize,
}

/// The week of a large fleet, or an afternoon of a small one.
pub const PLAN: Plan = match cfg!(feature = "whole-week") {
    true => Plan {
        tenants: 10_000,
        day: 24 * HOUR,
        days: 7,
        apart: 2 * HOUR,
        observed: 12,
    },
    false => Plan {
        tenants: 100,
        day: 11 * HOUR,
        days: 1,
        apart: 50 * MINUTE,
        observed: 1,
    },
};

/// What is wrong for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ill {
    /// A fault of the simulator for this share of the requests.
    Entra(&'static str, i64, u8),
    /// Answers that take ten seconds, longer than we wait. One run meets it: it takes real time.
    Slow,
    /// Entra ID gives tokens of this life.
    Life(i64),
    /// The table throttles this share of the requests.
    Table(u32),
    /// A run has taken every shard and was killed.
    DeadHolder,
    /// The key that we sign with is not registered any more.
    KeyRemoved,
    /// The tenants of one cloud are answered 503.
    CloudDown,
}

/// In this order.
const SCRIPT: [Ill; 11] = [
    Ill::Entra("status", 503, 30),
    Ill::Entra("throttle", 60, 100),
    Ill::Slow,
    Ill::Entra("reset", 0, 50),
    Ill::Entra("truncate", 0, 50),
    Ill::Life(10 * MINUTE),
    Ill::Life(90 * MINUTE),
    Ill::Table(30),
    Ill::DeadHolder,
    Ill::KeyRemoved,
    Ill::CloudDown,
];

/// What is wrong at `time`.
pub fn ill(time: i64) -> Option<Ill> {
    let (number, since) = (time % PLAN.day / PLAN.apart, time % PLAN.day % PLAN.apart);
    let number = usize::try_from(number - 1).ok()?;
    let ill = SCRIPT.get(number).copied()?;
    let lasts = match ill {
        Ill::Slow | Ill::DeadHolder => PERIOD,
        _ => SPELL,
    };
    (0..lasts).contains(&since).then_some(ill)
}

/// While the receiver of events is down: an hour, in which our key is removed.
pub fn receiver_is_down(time: i64) -> bool {
    let number = SCRIPT.iter().position(|ill| *ill == Ill::KeyRemoved);
    let from = (number.map_or(0, |number| number as i64) + 1) * PLAN.apart - PERIOD;
    (from..from + HOUR).contains(&(time % PLAN.day))
}

/// The cloud of a tenant: every tenth is in another one.
pub fn cloud(index: usize) -> Cloud {
    match index % 10 {
        7 => Cloud::GccHigh,
        _ => Cloud::Public,
    }
}

/// What the customer of a tenant does: in each way one in a hundred.
pub fn change(index: usize) -> Option<(&'static str, Value)> {
    match index % 100 {
        11 => Some(("consent_revoked", json!(null))),
        12 => Some(("role_removed", json!(ROLE))),
        13 => Some(("app_disabled", json!(null))),
        14 => Some(("tenant_deleted", json!(null))),
        _ => None,
    }
}

/// While what the customers did holds: on the first day, through every spell but the first and
/// the last ones.
pub fn changed() -> Range<i64> {
    PLAN.apart * 3 / 2..PLAN.apart * 19 / 2
}

/// While such a tenant may be without a token: until it is looked at again.
pub fn may_be_away(index: usize, time: i64) -> bool {
    let away = changed().start..changed().end + LOOKED_AT_AGAIN + PERIOD;
    change(index).is_some() && away.contains(&time)
}

/// The faults of the simulator at `time`; `key`: the thumbprint of ours.
pub fn faults(time: i64, tenants: &[TenantId], key: &str) -> BTreeSet<Fault> {
    let mut faults = BTreeSet::new();
    if changed().contains(&time) {
        let of = |(index, tenant): (usize, &TenantId)| {
            change(index).map(|(kind, value)| Fault::of(kind, Some(*tenant), value))
        };
        faults.extend(tenants.iter().enumerate().filter_map(of));
    }
    let life = match ill(time) {
        Some(Ill::Life(life)) => life,
        _ => USUAL_LIFE,
    };
    faults.insert(Fault::of("token_life", None, json!(life)));
    faults.extend(
        ill(time)
            .into_iter()
            .flat_map(|ill| wrong(ill, tenants, key)),
    );
    faults
}

fn wrong(ill: Ill, tenants: &[TenantId], key: &str) -> Vec<Fault> {
    let all = |kind, value: Value| Fault::of(kind, None, value);
    match ill {
        Ill::Entra("reset", ..) => vec![all("reset", json!(null)).share(50)],
        Ill::Entra(kind, value, share) => vec![all(kind, json!(value)).share(share)],
        Ill::Slow => vec![all("latency", json!(10_000)).share(100)],
        Ill::KeyRemoved => vec![all("key_removed", json!(key))],
        Ill::CloudDown => {
            let others = tenants.iter().enumerate();
            let others = others.filter(|(index, _)| cloud(*index) != Cloud::Public);
            others
                .map(|(_, tenant)| Fault::of("status", Some(*tenant), json!(503)))
                .collect()
        }
        Ill::Life(_) | Ill::Table(_) | Ill::DeadHolder => Vec::new(),
    }
}

/// From when on the fleet's tokens live how long, without those of an odd life: for the ideal.
pub const LIVES: [(i64, i64); 1] = [(0, USUAL_LIFE)];

#[test]
fn every_ill_is_met_and_the_fleet_recovers_before_the_next() {
    let day: Vec<_> = (0..PLAN.day).step_by(PERIOD as usize).map(ill).collect();
    for wanted in SCRIPT {
        assert!(day.contains(&Some(wanted)), "{wanted:?}");
    }
    const { assert!(PLAN.apart - SPELL >= CYCLE) };
    assert!(day.last().unwrap().is_none());
}
