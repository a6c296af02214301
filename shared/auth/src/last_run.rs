//! The refresher's last run, as it is kept for the operator and for the next run: what it did,
//! what it cost, and how the fleet stands after it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cause::{CauseCode, FailedBy};
use crate::cloud::Cloud;
use crate::fleet::FleetState;
use crate::timestamp::Timestamp;
use crate::version::Version;

/// The last run that did something.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LastRun {
    /// When it began and when it ended.
    pub times: (Timestamp, Timestamp),
    /// Tokens renewed.
    pub refreshed: u32,
    /// Attempts that came too late: another writer had settled the record.
    pub lost: u32,
    /// Records that it looked at and had nothing to do with yet.
    pub skipped: u32,
    /// Attempts that brought no token, by who has to act.
    pub failed_by: FailedBy,
    /// The same by cause. What looked like a revocation of the whole fleet counts here as what
    /// it looked like, and in `failed_by` as ours.
    pub causes: BTreeMap<CauseCode, u32>,
    /// The same by cloud, with the tokens renewed.
    pub clouds: BTreeMap<Cloud, OfCloud>,
    /// Milliseconds from the question to the written token, of the slowest renewal.
    pub slowest_ms: Option<u64>,
    /// What the renewed tokens' predecessors had left.
    pub life_left: Option<LifeLeft>,
    /// Request units that the table counted.
    pub units: RequestUnits,
    /// Why it ended early, if it did.
    pub ended_early: Option<EndedEarly>,
    /// How the fleet stands after it.
    pub fleet: FleetState,
    /// Fences the next write: the version that was read. `None` where there was no run.
    pub version: Option<Version>,
}

/// What a run did for the tenants of one cloud.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OfCloud {
    /// Tokens renewed.
    pub refreshed: u32,
    /// Attempts that brought no token.
    pub failed: u32,
}

/// Seconds of life that the old tokens had left when the new ones came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LifeLeft {
    /// Of the token that was nearest to its end, 0 where it had ended.
    pub least: u64,
    /// Half of them had no more; in whole minutes.
    pub median: u64,
}

/// Request units as the table counts them, over all requests of a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct RequestUnits {
    /// Read units: 4 KB each, half of one where the read is eventually consistent.
    pub read: f64,
    /// Write units: 1 KB each.
    pub write: f64,
}

impl RequestUnits {
    /// What was consumed since an earlier reading of the same counter.
    pub fn since(self, before: Self) -> Self {
        Self {
            read: self.read - before.read,
            write: self.write - before.write,
        }
    }
}

macro_rules! ends {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// Why a run ended early.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum EndedEarly { $($(#[$doc])* $variant),+ }

        impl EndedEarly {
            /// Every reason.
            pub const ALL: &[EndedEarly] = &[$(EndedEarly::$variant),+];

            /// The word in the log, in the answer and in the table.
            pub fn as_str(self) -> &'static str {
                match self { $(EndedEarly::$variant => $text),+ }
            }
        }
    };
}

ends! {
    /// No time was left; the next run goes on.
    Deadline = "deadline",
    /// A fault of ours, reported as `fleet_fault`.
    OurFault = "our_fault",
    /// A cloud of Microsoft's is down: its tenants were left.
    AuthorityDown = "authority_down",
    /// The table does not answer.
    StoreUnavailable = "store_unavailable",
    /// The table was throttled for so long that something was left.
    StoreThrottled = "store_throttled",
    /// The secrets cannot be had; the next run tries again.
    NotStarted = "not_started",
    /// The event was a request on demand, which another function answers.
    NotScheduled = "not_scheduled",
}

impl Serialize for EndedEarly {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Not a reason to end early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a reason for the early end of a run")]
pub struct UnknownEnd;

impl std::str::FromStr for EndedEarly {
    type Err = UnknownEnd;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = EndedEarly::ALL.iter().find(|end| end.as_str() == text);
        found.copied().ok_or(UnknownEnd)
    }
}
