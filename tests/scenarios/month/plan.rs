//! What happens when: every time in seconds since the beginning. What is wrong at a moment
//! follows from the moment alone, so that a restart of the simulator, which forgets its faults,
//! changes nothing.

use std::collections::BTreeSet;
use std::ops::Range;

use auth::TenantId;
use feed::ContentType;
use serde_json::{Value, json};
use tests::moved_fleet::Fault;

pub const HOUR: i64 = 3600;
/// The process is started again after each.
pub const DAY: i64 = 24 * HOUR;
/// What the collector lets content settle.
pub const SETTLE: i64 = 300;
/// How far back the collector lists, in seconds: five minutes less than seven days.
const REACH: i64 = 7 * DAY - 300;
/// The pass after a day comes that late at most: it goes by twelve hours.
pub const REPEATED: i64 = DAY + 12 * HOUR;
/// Tenants to whom the same happens.
const CLASSES: usize = 8;

/// Something that is wrong from a time on, until before another one.
struct Spell {
    from: i64,
    until: i64,
    kind: &'static str,
    endpoint: Option<&'static str>,
    /// Everybody's where it is of no class.
    class: Option<usize>,
    /// JSON.
    value: &'static str,
}

/// Something that happens once, to each tenant of a class.
pub struct Blow {
    pub at: i64,
    pub class: usize,
    kind: &'static str,
    value: &'static str,
}

/// A history.
pub struct Plan {
    /// Tenants.
    pub tenants: usize,
    /// What is collected.
    pub types: &'static [ContentType],
    /// From a run to the next.
    pub step: i64,
    /// Fields of the simulator's scenario `month` that differ.
    pub scenario: &'static str,
    /// What was offered before is judged.
    pub end: i64,
    /// Runs go on until then, so that what comes late is listed again.
    pub over: i64,
    spells: &'static [Spell],
    pub blows: &'static [Blow],
    /// While our machine is off.
    absent: &'static [(i64, i64)],
}

/// A class to which nothing happens by itself, so that the idle tenants are of it.
const IDLE: usize = 7;
/// Whose admins take the consent away and give it again.
const CONSENT: &str = "consent_revoked";

const fn spell(from: i64, until: i64, kind: &'static str) -> Spell {
    Spell {
        from,
        until,
        kind,
        endpoint: None,
        class: None,
        value: "null",
    }
}

impl Spell {
    const fn at(self, endpoint: &'static str) -> Self {
        Self {
            endpoint: Some(endpoint),
            ..self
        }
    }

    const fn of(self, class: usize) -> Self {
        Self {
            class: Some(class),
            ..self
        }
    }

    const fn value(self, value: &'static str) -> Self {
        Self { value, ..self }
    }
}

/// A day of the month, in the plan that is played.
const UNIT: i64 = match cfg!(feature = "whole-month") {
    true => DAY,
    false => HOUR,
};

/// Half of it.
const HALF: i64 = UNIT / 2;

/// Thirty days, or the same in as many hours.
#[rustfmt::skip]
const SPELLS: &[Spell] = &[
    // Its first start is refused.
    spell(0, UNIT, "auditing_off").of(1),
    spell(2 * UNIT, 2 * UNIT + HALF, "throttle").at("content").value("300"),
    spell(3 * UNIT, 3 * UNIT + HALF, "throttle").at("blob").of(6).value("60"),
    spell(4 * UNIT, 4 * UNIT + HALF, "status").at("token").value("503"),
    // Two days.
    spell(5 * UNIT, 7 * UNIT, "status").at("content").value("503"),
    spell(5 * UNIT, 7 * UNIT, "status").at("blob").value("503"),
    spell(5 * UNIT, 7 * UNIT, "status").at("subscriptions").value("503"),
    spell(8 * UNIT, 9 * UNIT, "odd_case").of(0),
    spell(8 * UNIT, 9 * UNIT, "gzip").of(6),
    // Where there is a backlog, and so pages.
    spell(7 * UNIT, 7 * UNIT + HALF, "same_page").of(0),
    spell(27 * UNIT + HALF, 28 * UNIT, "next_page_url").of(0),
    spell(28 * UNIT + HALF, 29 * UNIT, "content_uri").of(0).value("\"other_host\""),
    spell(29 * UNIT, 29 * UNIT + HALF, "af_error").at("content").of(0).value("\"AF50000\""),
    spell(9 * UNIT, 12 * UNIT, "auditing_off").of(1),
    spell(13 * UNIT, 16 * UNIT, CONSENT).of(2),
    spell(14 * UNIT, 17 * UNIT, "role_removed").of(5).value("\"ActivityFeed.ReadDlp\""),
    spell(20 * UNIT, 20 * UNIT + HALF, "reset").at("blob").of(6),
    spell(21 * UNIT, 21 * UNIT + HALF, "cut_body").at("blob").of(6),
    spell(22 * UNIT, 22 * UNIT + HALF, "truncate").at("blob").of(6),
    spell(22 * UNIT + HALF, 23 * UNIT, "object_body").at("blob").of(6),
    spell(23 * UNIT, 23 * UNIT + HALF, "not_json").at("blob").of(6).value("200"),
    spell(23 * UNIT + HALF, 24 * UNIT, "status").at("blob").of(6).value("404"),
    spell(25 * UNIT, 25 * UNIT + HALF, "date_skew").at("content").of(0).value("-240"),
    spell(25 * UNIT + HALF, 26 * UNIT, "date_skew").at("content").of(0).value("240"),
];

const BLOWS: &[Blow] = &[
    Blow {
        at: 18 * UNIT,
        class: 3,
        kind: "subscription_vanished",
        value: "null",
    },
    Blow {
        at: 18 * UNIT + HALF,
        class: 4,
        kind: "subscription_vanished",
        value: "\"Audit.Exchange\"",
    },
    Blow {
        at: 19 * UNIT + HALF,
        class: 4,
        kind: "subscription_disabled",
        value: "\"Audit.SharePoint\"",
    },
];

/// What is played: the month where it is asked for, with
/// `cargo test -p tests --features whole-month --test month`.
pub const PLAN: Plan = Plan {
    tenants: match cfg!(feature = "whole-month") {
        true => 30,
        false => CLASSES,
    },
    types: match cfg!(feature = "whole-month") {
        true => &ContentType::ALL,
        // Those of which something is said above.
        false => &[
            ContentType::Exchange,
            ContentType::SharePoint,
            ContentType::Dlp,
        ],
    },
    step: match cfg!(feature = "whole-month") {
        true => HOUR,
        false => HOUR / 2,
    },
    // Most listings have pages, and some of these are empty.
    scenario: r#"{"page_size": 3}"#,
    end: 30 * UNIT,
    over: 30 * UNIT + REPEATED + 6 * HOUR,
    spells: SPELLS,
    blows: BLOWS,
    absent: &[(26 * UNIT, 27 * UNIT + HALF)],
};

/// The Activity API answers the first tenant nothing for more than eight days, then our machine
/// is off for as long.
const REFUSED: (i64, i64) = (DAY, 9 * DAY + 6 * HOUR);
const OFF: (i64, i64) = (11 * DAY, 19 * DAY + 6 * HOUR);

/// Three tenants; the last one is idle.
pub const EXPIRED: Plan = Plan {
    tenants: 3,
    types: &ContentType::ALL,
    step: 6 * HOUR,
    // Nothing that is so late that a later pass finds it: what is missing is then exactly what
    // the first pass did not reach.
    scenario: r#"{"latest_seconds": 0, "blob_every_seconds": 14400}"#,
    end: OFF.1 + DAY,
    over: OFF.1 + DAY + 6 * HOUR,
    spells: &[spell(REFUSED.0, REFUSED.1, "status")
        .at("content")
        .of(0)
        .value("503")],
    blows: &[],
    absent: &[OFF],
};

impl Plan {
    /// Whether a tenant is of a class.
    pub fn is_of(index: usize, class: usize) -> bool {
        index % CLASSES == class
    }

    /// Whether a tenant's log is empty.
    pub fn is_idle(&self, index: usize) -> bool {
        Self::is_of(index, IDLE) || (self.tenants < CLASSES && index + 1 == self.tenants)
    }

    /// The times of the runs.
    pub fn runs(&self) -> impl Iterator<Item = i64> {
        let quick = (0..self.end).step_by(self.step.unsigned_abs() as usize);
        let slow = (self.end..=self.over).step_by(6 * HOUR.unsigned_abs() as usize);
        let is_on = |time: &i64| {
            !self
                .absent
                .iter()
                .any(|(off, on)| (*off..*on).contains(time))
        };
        quick.chain(slow).filter(is_on)
    }

    /// The runs while the Activity API answers nothing to anyone.
    pub fn outage(&self) -> impl Iterator<Item = i64> {
        self.runs()
            .filter(|time| (5 * UNIT..7 * UNIT).contains(time))
    }

    /// Whether the queue loses what it holds: for half of each day nothing works.
    pub fn is_queue_lost(time: i64) -> bool {
        time.rem_euclid(UNIT) >= HALF
    }

    /// While the audit logs of class 1 are off in the middle. The first second was offered.
    pub fn without_auditing(&self) -> Range<i64> {
        9 * UNIT + 1..12 * UNIT
    }

    /// What is wrong at `time`.
    pub fn faults(&self, time: i64, tenants: &[TenantId]) -> BTreeSet<Fault> {
        let now = self
            .spells
            .iter()
            .filter(|spell| (spell.from..spell.until).contains(&time));
        now.flat_map(|spell| spell.faults(tenants)).collect()
    }

    /// Whose admins give their consent again at `time`.
    pub fn consents_again(&self, time: i64) -> Vec<usize> {
        let over = |spell: &&Spell| spell.kind == CONSENT && spell.until == time;
        let classes = self
            .spells
            .iter()
            .filter(over)
            .filter_map(|spell| spell.class);
        let of = |class| (0..self.tenants).filter(move |index| Self::is_of(*index, class));
        classes.flat_map(of).collect()
    }

    /// What no run listed in time of a tenant's log, from when to before when: from where the last
    /// run before an outage had come to what the first one after it could still list.
    pub fn expired(&self, index: usize) -> Vec<(i64, i64)> {
        let refused = self
            .spells
            .iter()
            .filter(|spell| spell.class == Some(index));
        let refused = refused.map(|spell| (spell.from, spell.until));
        let outages = self.absent.iter().copied().chain(refused);
        let long = outages.filter(|(from, until)| until - from > REACH);
        long.map(|outage| {
            let (last, first) = self.around(outage);
            (last - SETTLE, first - REACH)
        })
        .collect()
    }

    /// The last run before an outage, and the first after it.
    fn around(&self, (from, until): (i64, i64)) -> (i64, i64) {
        let last = self.runs().take_while(|time| *time < from).last();
        let first = self.runs().find(|time| *time >= until);
        (last.unwrap(), first.unwrap())
    }
}

impl Spell {
    fn faults(&self, tenants: &[TenantId]) -> Vec<Fault> {
        faults((self.kind, self.value), self.class, tenants)
            .into_iter()
            .map(|fault| fault.at(self.endpoint))
            .collect()
    }
}

impl Blow {
    /// Each ends after one hit.
    pub fn faults(&self, tenants: &[TenantId]) -> Vec<Fault> {
        faults((self.kind, self.value), Some(self.class), tenants)
    }
}

fn faults(
    (kind, value): (&'static str, &str),
    class: Option<usize>,
    tenants: &[TenantId],
) -> Vec<Fault> {
    let value: Value = serde_json::from_str(value).unwrap_or(json!(null));
    let Some(class) = class else {
        return vec![Fault::of(kind, None, value)];
    };
    let of_class = tenants.iter().enumerate();
    of_class
        .filter(|(index, _)| Plan::is_of(*index, class))
        .map(|(_, tenant)| Fault::of(kind, Some(*tenant), value.clone()))
        .collect()
}
