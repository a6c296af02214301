//! How often the same time is listed, and when: content appears late, so that one listing says
//! nothing of what comes hours later (protocol notes §5, §10).

use crate::window::{DAY, HOUR};

/// One of the listings that every second of a tenant's log gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pass {
    /// Once it has settled. What no first pass has reached is work that is left.
    First,
    /// Again after three hours.
    AfterHours,
    /// Again after a day.
    AfterADay,
    /// Again on the seventh day of its life, when it is six days old, before it expires.
    OnDaySix,
}

impl Pass {
    /// Every pass, in the order in which they reach a second.
    pub const ALL: [Pass; 4] = [
        Pass::First,
        Pass::AfterHours,
        Pass::AfterADay,
        Pass::OnDaySix,
    ];

    /// How old a second is at least when the pass reaches it. `settle`: of the first, which is
    /// a setting.
    pub(crate) fn delay(self, settle: i64) -> i64 {
        match self {
            Pass::First => settle,
            Pass::AfterHours => 3 * HOUR,
            Pass::AfterADay => DAY,
            Pass::OnDaySix => 6 * DAY,
        }
    }

    pub(crate) fn index(self) -> usize {
        match self {
            Pass::First => 0,
            Pass::AfterHours => 1,
            Pass::AfterADay => 2,
            Pass::OnDaySix => 3,
        }
    }
}
