//! What a run makes of the answers: whether a cloud is down, and whether we are at fault. One
//! tenant's trouble is its own; what the next one would meet as well stops the run, or the run's
//! requests to one cloud.
//!
//! It begins with what the runs before it saw. A cloud that was down is asked for one tenant, and
//! while a fault of ours lasts all of them are: the others wait for what becomes of that one.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::gate::{Gate, Passed};
use crate::breaker::{Breaker, Side};
use crate::cause::CauseCode;
use crate::cloud::Cloud;
use crate::fleet::{CloudSeen, FleetFault, FleetState, Observed};
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// When so many working tenants look revoked in one run and no token came, it is our settings or
/// our registration that changed, not the customers' minds.
const SUSPECTS: u32 = 3;

/// One run's judgement.
pub(super) struct Judge {
    before: FleetState,
    ours: Line,
    clouds: BTreeMap<Cloud, Line>,
    seen: Mutex<Seen>,
}

/// The failures in a row, and what they shut.
#[derive(Default)]
struct Line {
    breaker: Breaker,
    gate: Gate,
}

#[derive(Default)]
struct Seen {
    observed: Observed,
    /// Tenants that look revoked, of which no token says that we are well.
    suspects: u32,
}

/// That a tenant's authority may be asked.
pub(super) struct MayAsk<'a> {
    _ours: Passed<'a>,
    _cloud: Passed<'a>,
}

impl Judge {
    /// Goes on from what the runs before saw.
    pub(super) fn after(before: FleetState, now: Timestamp) -> Self {
        let line = |is_shut: bool, failures| Line {
            breaker: Breaker::after(failures),
            gate: match is_shut {
                true => Gate::to_be_probed(now),
                false => Gate::default(),
            },
        };
        let of_cloud = |cloud| (cloud, line(before.down.contains_key(&cloud), 0));
        Self {
            ours: line(before.fault.is_some(), before.failures),
            clouds: Cloud::ALL.map(of_cloud).into(),
            before,
            seen: Mutex::default(),
        }
    }

    /// Waits for a probe under way, if there is one; `None` while the tenant's cloud is down.
    /// `now`: the time, asked after the wait.
    pub(super) async fn may_ask(
        &self,
        cloud: Cloud,
        now: impl Fn() -> Timestamp,
    ) -> Option<MayAsk<'_>> {
        let ours = self.ours.gate.pass(&now).await?;
        let passed = self.clouds.get(&cloud)?.gate.pass(now).await?;
        Some(MayAsk {
            _ours: ours,
            _cloud: passed,
        })
    }

    /// A tenant got a token: neither we nor its cloud is at fault.
    pub(super) fn got_token(&self, cloud: Cloud, now: Timestamp) {
        self.ours.breaker.succeeded();
        self.ours.gate.open();
        let mut seen = self.seen();
        seen.observed.token_at = Some(now);
        seen.observed.fault = None;
        seen.suspects = 0;
        drop(seen);
        self.answers(cloud, now);
    }

    /// A tenant was refused for this. `true`: it is a fault of ours, so that the run ends.
    pub(super) fn refused(&self, cloud: Cloud, code: CauseCode, now: Timestamp) -> bool {
        match code {
            code if code.is_fleet_wide() => {
                let was_shut = !self.ours.gate.is_open();
                let too_many = self.ours.breaker.failed(Side::Here).is_some();
                self.is_fault(was_shut || too_many, code, now)
            }
            CauseCode::Unavailable | CauseCode::NoAnswer | CauseCode::Throttled => {
                self.fails(cloud, now);
                false
            }
            _ => {
                self.answers(cloud, now);
                false
            }
        }
    }

    /// A working tenant looks revoked. `true`: so do others, and no token came since this one
    /// was first refused, so that it is a fault of ours.
    pub(super) fn looks_revoked(
        &self,
        record: &TokenRecord,
        code: CauseCode,
        now: Timestamp,
    ) -> bool {
        self.answers(record.cloud, now);
        let since = record.suspected_at.unwrap_or(now);
        // A token that came later shows that this tenant alone is refused.
        let alone = self
            .before
            .token_at
            .is_some_and(|at| at >= since && record.suspected_at.is_some());
        let mut seen = self.seen();
        if seen.observed.token_at.is_some() || alone {
            return false;
        }
        seen.suspects += 1;
        let too_many = seen.suspects >= SUSPECTS;
        drop(seen);
        self.is_fault(too_many, code, now)
    }

    /// Whether refusals that read as revocations are ours: the fault was seen in this run, or it
    /// lasts from before and no token came.
    pub(super) fn is_our_fault(&self) -> bool {
        let seen = self.seen();
        let lasts = self.before.fault.is_some() && seen.observed.token_at.is_none();
        seen.observed.fault.is_some() || lasts
    }

    /// Whether this run got a token.
    pub(super) fn has_token(&self) -> bool {
        self.seen().observed.token_at.is_some()
    }

    /// What this run saw of the fleet.
    pub(super) fn observed(&self) -> Observed {
        Observed {
            failures: self.ours.breaker.failures_here(),
            ..self.seen().observed.clone()
        }
    }

    fn is_fault(&self, is_fault: bool, cause: CauseCode, now: Timestamp) -> bool {
        if is_fault {
            self.ours.gate.shut_at(now);
            let fault = FleetFault { cause, since: now };
            self.seen().observed.fault.get_or_insert(fault);
        }
        is_fault
    }

    fn fails(&self, cloud: Cloud, now: Timestamp) {
        let Some(line) = self.clouds.get(&cloud) else {
            return;
        };
        let too_many = line.breaker.failed(Side::AtMicrosoft).is_some();
        if too_many || !line.gate.is_open() {
            line.gate.shut_at(now);
            self.saw(cloud, CloudSeen::Down(now));
        }
    }

    fn answers(&self, cloud: Cloud, now: Timestamp) {
        if let Some(line) = self.clouds.get(&cloud) {
            line.breaker.microsoft_answered();
            line.gate.open();
        }
        self.saw(cloud, CloudSeen::Answers(now));
    }

    fn saw(&self, cloud: Cloud, what: CloudSeen) {
        self.seen().observed.clouds.insert(cloud, what);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // A panic while it was held leaves counters that are still counters.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
