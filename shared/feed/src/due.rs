//! Where a tenant's row is in the due index: what brings it before a run, or why nothing does.
//!
//! A row stays in the index when it is held: a run knows from the index alone which tenants have
//! a row, and reads none of those that it leaves alone (decision 0061).

use auth::turns::{SLOTS, Slot};
use auth::{TenantId, Timestamp};

/// Times end where holds begin, in the year 1,116,918.
const HOLDS: i64 = 1 << 45;

/// When a run looks at a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At the turns of its slot ([`auth::turns`]). The lease of its shard then says how far it
    /// was listed, which its row may not ([`crate::marks`]).
    InTurn,
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
    /// The key in the index: a slot, a time or a hold, each above the one before.
    pub fn number(self, tenant: TenantId) -> i64 {
        match self {
            Due::InTurn => i64::from(Slot::of(tenant).number()),
            Due::From(at) => at.unix().clamp(i64::from(SLOTS), HOLDS - 1),
            Due::Held(Hold::Paused) => HOLDS,
            Due::Held(Hold::Inactive) => HOLDS + 1,
            Due::Held(Hold::Left) => HOLDS + 2,
        }
    }

    /// Whether a run looks at it less often than it may.
    pub(crate) fn is_seldom(self) -> bool {
        false
    }

    /// What a key in the index says. A hold that we do not know is of a later release, and is
    /// looked into when its tenant is active.
    pub fn of(number: i64) -> Self {
        match number {
            HOLDS => Due::Held(Hold::Paused),
            number if number == HOLDS + 2 => Due::Held(Hold::Left),
            number if number > HOLDS => Due::Held(Hold::Inactive),
            number if number < i64::from(SLOTS) => Due::InTurn,
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
    fn a_key_says_what_was_written_and_holds_come_after_every_time() {
        let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
        let at = |unix| Due::From(Timestamp::from_unix(unix));
        // What is written, what is read.
        let rows = [
            (Due::InTurn, Due::InTurn),
            (at(0), at(256)),
            (at(-5), at(256)),
            (at(256), at(256)),
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
            (-1, Due::InTurn),
            (255, Due::InTurn),
            (HOLDS + 3, Due::Held(Hold::Inactive)),
            (i64::MAX, Due::Held(Hold::Inactive)),
        ] {
            assert_eq!(Due::of(number), read, "{number}");
        }
    }
}
