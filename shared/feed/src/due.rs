//! Where a tenant's row is in the due index: what brings it before a run, or why nothing does.
//!
//! A row stays in the index when it is held: a run knows from the index alone which tenants have
//! a row, and reads none of those that it leaves alone (decision 0061).

use std::time::Duration;

use auth::turns::{SLOTS, Slot, Turns};
use auth::{TenantId, Timestamp};

use crate::pace::Pace;

/// Slots end where times begin: there is room for 16 paces.
const TIMES: i64 = 16 * SLOTS as i64;

/// Times end where holds begin, in the year 1,116,918.
const HOLDS: i64 = 1 << 45;

/// When a run looks at a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At the turns of its slot ([`auth::turns`]), or at one of so many. The lease of its shard then
    /// says how far it was listed, which its row may not ([`crate::marks`]).
    InTurn(Pace),
    /// In the first run that is not before this, and in every one after it. Its row says how far
    /// it was listed.
    From(Timestamp),
    /// In none.
    Held(Hold),
}

/// Why no run looks at a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The operator has paused it.
    Paused,
    /// It is not active: suspended, revoked, removed. It goes on when it is active again.
    Inactive,
    /// It was offboarded: its subscriptions are stopped, or could not be.
    Left,
}

impl Due {
    /// The key in the index: a slot and a pace, a time or a hold, each above the one before.
    pub fn number(self, tenant: TenantId) -> i64 {
        match self {
            Due::InTurn(pace) => {
                let slot = i64::from(Slot::of(tenant).number());
                slot + i64::from(pace.number()) * i64::from(SLOTS)
            }
            Due::From(at) => at.unix().clamp(TIMES, HOLDS - 1),
            Due::Held(Hold::Paused) => HOLDS,
            Due::Held(Hold::Inactive) => HOLDS + 1,
            Due::Held(Hold::Left) => HOLDS + 2,
        }
    }

    /// From one turn of a tenant to the next. `interval`: of its slot.
    pub fn period(self, interval: Duration) -> Duration {
        let pace = match self {
            Due::InTurn(pace) => pace,
            Due::From(_) | Due::Held(_) => Pace::FASTEST,
        };
        pace.period(Turns::every(interval))
    }

    /// What a key in the index says. A hold that we do not know is of a later release, and is
    /// looked into when its tenant is active.
    pub fn of(number: i64) -> Self {
        match number {
            HOLDS => Due::Held(Hold::Paused),
            number if number == HOLDS + 2 => Due::Held(Hold::Left),
            number if number > HOLDS => Due::Held(Hold::Inactive),
            number if number < TIMES => {
                Due::InTurn(Pace::numbered(number.div_euclid(i64::from(SLOTS))))
            }
            time => Due::From(Timestamp::from_unix(time)),
        }
    }
}

impl Hold {
    /// The word in answers and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Hold::Paused => "paused",
            Hold::Inactive => "inactive",
            Hold::Left => "left",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_at_a_pace_has_a_number_of_its_own_below_every_time() {
        let mut numbers = std::collections::BTreeSet::new();
        for number in 0..2_000 {
            let text = format!("00000000-0000-4000-8000-{number:012}");
            let tenant: TenantId = text.parse().unwrap();
            let slot = i64::from(Slot::of(tenant).number());
            for pace in Pace::all() {
                let number = Due::InTurn(pace).number(tenant);
                assert_eq!(Due::of(number), Due::InTurn(pace));
                assert_eq!(number.rem_euclid(256), slot);
                assert!((0..TIMES).contains(&number));
                numbers.insert((slot, pace, number));
            }
        }
        let alone: std::collections::BTreeSet<_> =
            numbers.iter().map(|(_, _, number)| number).collect();
        assert_eq!((numbers.len(), alone.len()), (5 * 256, 5 * 256));
    }

    #[test]
    fn a_key_says_what_was_written_and_holds_come_after_every_time() {
        let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
        let at = |unix| Due::From(Timestamp::from_unix(unix));
        let in_turn = |number| Due::InTurn(Pace::numbered(number));
        // What is written, what is read.
        let rows = [
            (in_turn(0), in_turn(0)),
            (in_turn(1), in_turn(1)),
            (in_turn(2), in_turn(2)),
            (in_turn(3), in_turn(3)),
            (in_turn(4), in_turn(4)),
            (at(0), at(4_096)),
            (at(-5), at(4_096)),
            (at(4_096), at(4_096)),
            (at(1_796_032_800), at(1_796_032_800)),
            (at(i64::MAX), at(HOLDS - 1)),
            (Due::Held(Hold::Paused), Due::Held(Hold::Paused)),
            (Due::Held(Hold::Inactive), Due::Held(Hold::Inactive)),
            (Due::Held(Hold::Left), Due::Held(Hold::Left)),
        ];
        let mut last = i64::MIN;
        for (written, read) in rows {
            let number = written.number(tenant);
            assert_eq!(Due::of(number), read, "{written:?}");
            assert!(number >= last);
            last = number;
        }
        for (number, read) in [
            // Rows of the releases before, which had one pace.
            (0, in_turn(0)),
            (255, in_turn(0)),
            (-1, in_turn(0)),
            (i64::MIN, in_turn(0)),
            (256, in_turn(1)),
            (4 * 256 + 255, in_turn(4)),
            // A pace of a later release.
            (5 * 256, in_turn(0)),
            (4_095, in_turn(0)),
            (HOLDS + 3, Due::Held(Hold::Inactive)),
            (i64::MAX, Due::Held(Hold::Inactive)),
        ] {
            assert_eq!(Due::of(number), read, "{number}");
        }
    }
}
