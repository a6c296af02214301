//! What a run counts, from many renewals at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::report::RefreshReport;
use crate::cause::{CauseCode, FailedBy};
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// One run's counters.
#[derive(Default)]
pub(super) struct Tally(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    refreshed: u32,
    lost: u32,
    skipped: u32,
    failed_by: FailedBy,
    fleet_wide: u32,
    shortest_life: Option<u64>,
}

impl Tally {
    pub(super) fn refreshed(&self) {
        self.counts().refreshed += 1;
    }

    pub(super) fn lost(&self) {
        self.counts().lost += 1;
    }

    pub(super) fn skipped(&self) {
        self.counts().skipped += 1;
    }

    /// What was skipped for later has been settled.
    pub(super) fn no_longer_skipped(&self) {
        self.counts().skipped -= 1;
    }

    pub(super) fn refused(&self, code: CauseCode) {
        let mut counts = self.counts();
        counts.failed_by.add(code.fault());
        if code.is_fleet_wide() {
            counts.fleet_wide += 1;
        }
    }

    /// A consent that seems to be gone, together with everybody else's.
    pub(super) fn looks_like_a_refusal(&self) {
        let mut counts = self.counts();
        counts.failed_by.ours += 1;
        counts.fleet_wide += 1;
    }

    pub(super) fn table_failed(&self) {
        self.counts().failed_by.ours += 1;
    }

    /// A token that callers are given was kept from being renewed, and not by its customer.
    pub(super) fn not_renewed(&self, record: &TokenRecord, now: Timestamp) {
        if !record.status.is_vended() {
            return;
        }
        let token = record.token.as_ref();
        self.lives(token.map_or(0, |token| now.seconds_until(token.expires_at)));
    }

    /// Some token that callers are given lives for no longer than that, as far as is known.
    pub(super) fn lives(&self, life: u64) {
        let mut counts = self.counts();
        let shortest = counts.shortest_life.map_or(life, |least| least.min(life));
        counts.shortest_life = Some(shortest);
    }

    /// Whether somebody got a token, from this run or from who came first.
    pub(super) fn somebody_got_a_token(&self) -> bool {
        self.counts().somebody_got_a_token()
    }

    /// The counters; the rest is the run's to say.
    pub(super) fn report(&self) -> RefreshReport {
        let counts = self.counts();
        let by = counts.failed_by;
        RefreshReport {
            refreshed: counts.refreshed,
            failed: by.ours + by.customer + by.microsoft,
            failed_by: by,
            lost: counts.lost,
            skipped: counts.skipped,
            ended_early: None,
            // A fault that every tenant has is all that there was.
            fleet_fault: counts.fleet_wide > 0 && !counts.somebody_got_a_token(),
            shortest_life: counts.shortest_life,
            behind: 0,
        }
    }

    /// A panic while the lock was held leaves counters that are still counters.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn somebody_got_a_token(&self) -> bool {
        self.refreshed > 0 || self.lost > 0
    }
}
