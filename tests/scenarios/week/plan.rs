//! What happens when: every time in seconds since the beginning. What is wrong at a
//! moment follows from the moment alone, so that a restart of the simulator, which
//! forgets its faults, changes nothing.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use auth::TenantId;
use serde_json::json;
use tests::ideal::{CYCLE, OUTAGE, PERIOD, USUAL_LIFE};
use tests::moved_fleet::Fault;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// The process is started anew after each.
pub const DAY: i64 = 24 * HOUR;
/// The back-off after a failure that passes by itself, at most.
const BACK_OFF: i64 = 15 * MINUTE;
/// The same for what a person has to mend.
const SLOW_BACK_OFF: i64 = 6 * HOUR;

/// The fleet.
pub const TENANTS: usize = 200;
/// Those whose admins take the consent away and give it again: 5 %.
pub const REVOKED: RangeInclusive<usize> = 20..=29;
/// Whose application role is taken away and given back, without a new consent.
pub const WITHOUT_ROLE: usize = 30;
/// The role that every token must carry.
pub const ROLE: &str = "ActivityFeed.Read";

/// The times that a plan is free to choose.
pub struct Plan {
    /// Its end.
    pub end: i64,
    /// Entra ID goes down, at a run.
    outage_from: i64,
    /// It throttles, from a run on.
    throttled_from: i64,
    /// When the consents are taken away, and given again.
    pub consents_away: (i64, i64),
    /// When the role is taken away, and given back.
    role_away: (i64, i64),
    /// From when on Entra ID's tokens live how long.
    pub lives: [(i64, i64); 3],
}

/// Seven days: outage and throttling on day 2, away from day 3 to day 5.
const WEEK: Plan = Plan {
    end: 7 * DAY,
    outage_from: DAY,
    throttled_from: DAY + 12 * HOUR,
    consents_away: (2 * DAY + 6 * HOUR, 4 * DAY + 6 * HOUR),
    role_away: (2 * DAY + 12 * HOUR, 3 * DAY + 12 * HOUR),
    lives: [
        (0, USUAL_LIFE),
        (5 * DAY, 90 * MINUTE),
        (6 * DAY + 18 * HOUR, 10 * MINUTE),
    ],
};

/// The same in two days, for a test run that is not to take many minutes.
const TWO_DAYS: Plan = Plan {
    end: 2 * DAY,
    outage_from: 4 * HOUR,
    throttled_from: 8 * HOUR,
    consents_away: (12 * HOUR, 36 * HOUR),
    role_away: (14 * HOUR, 26 * HOUR),
    lives: [
        (0, USUAL_LIFE),
        (38 * HOUR, 90 * MINUTE),
        (46 * HOUR, 10 * MINUTE),
    ],
};

/// What is played: the week where it is asked for, with
/// `cargo test -p tests --features whole-week --test week`.
pub const PLAN: Plan = match cfg!(feature = "whole-week") {
    true => WEEK,
    false => TWO_DAYS,
};

/// Entra ID is down for exactly the promise from a run on. Both ends are included: the run in
/// the outage's last second fails too.
pub fn outage() -> RangeInclusive<i64> {
    PLAN.outage_from..=PLAN.outage_from + OUTAGE
}

/// When the fleet has its tokens again: the first run after the outage.
pub fn recovered() -> i64 {
    outage().end() + PERIOD
}

/// Entra ID answers 429 for an hour, from a run on.
pub fn throttled() -> RangeInclusive<i64> {
    PLAN.throttled_from..=PLAN.throttled_from + HOUR
}

/// While a vend may fail because Entra ID throttles: from the end of the tokens whose turn
/// came when it began, until the last back-off is over.
pub fn without_tokens() -> RangeInclusive<i64> {
    let renewed = throttled().start() - CYCLE - PERIOD;
    renewed + USUAL_LIFE..=throttled().end() + BACK_OFF + PERIOD
}

/// While a tenant may be told to be revoked: until its admin consented again, or until
/// the broker looked again by itself.
pub fn away(index: usize) -> Option<(i64, i64)> {
    match index {
        _ if REVOKED.contains(&index) => Some(PLAN.consents_away),
        WITHOUT_ROLE => Some((PLAN.role_away.0, PLAN.role_away.1 + SLOW_BACK_OFF + PERIOD)),
        _ => None,
    }
}

/// While the tenant `index` can be given no token, from when to before when.
pub fn gaps(index: usize) -> Vec<(i64, i64)> {
    let down = [outage(), throttled()].map(|time| (*time.start(), time.end() + 1));
    down.into_iter().chain(away(index)).collect()
}

/// What is wrong with Entra ID at `time`.
pub fn faults(time: i64, tenants: &[TenantId]) -> BTreeSet<Fault> {
    let fault = Fault::of;
    let mut faults = BTreeSet::new();
    if outage().contains(&time) {
        faults.insert(fault("status", None, json!(503)));
    }
    if throttled().contains(&time) {
        faults.insert(fault("throttle", None, json!(60)));
    }
    if (PLAN.consents_away.0..PLAN.consents_away.1).contains(&time) {
        let revoked = tenants[REVOKED].iter();
        faults.extend(revoked.map(|tenant| fault("consent_revoked", Some(*tenant), json!(null))));
    }
    if (PLAN.role_away.0..PLAN.role_away.1).contains(&time) {
        let tenant = Some(tenants[WITHOUT_ROLE]);
        faults.insert(fault("role_removed", tenant, json!(ROLE)));
    }
    let life = PLAN.lives.iter().rev().find(|(from, _)| *from <= time);
    faults.insert(fault("token_life", None, json!(life.unwrap().1)));
    faults
}
