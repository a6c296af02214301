//! What a run counts, from many renewals at a time.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::report::{FailedBy, RefreshReport};
use crate::cause::{CauseCode, Fault};
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// No token was kept from being renewed.
const NONE: u64 = u64::MAX;

/// One run's counters.
pub(super) struct Tally {
    refreshed: AtomicU32,
    lost: AtomicU32,
    skipped: AtomicU32,
    ours: AtomicU32,
    customer: AtomicU32,
    microsoft: AtomicU32,
    fleet_wide: AtomicU32,
    shortest_life: AtomicU64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            refreshed: AtomicU32::new(0),
            lost: AtomicU32::new(0),
            skipped: AtomicU32::new(0),
            ours: AtomicU32::new(0),
            customer: AtomicU32::new(0),
            microsoft: AtomicU32::new(0),
            fleet_wide: AtomicU32::new(0),
            shortest_life: AtomicU64::new(NONE),
        }
    }
}

impl Tally {
    pub(super) fn refreshed(&self) {
        self.refreshed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn lost(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn skipped(&self) {
        self.skipped.fetch_add(1, Ordering::Relaxed);
    }

    /// What was skipped for later has been settled.
    pub(super) fn no_longer_skipped(&self) {
        self.skipped.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self, code: CauseCode) {
        let by = match code.fault() {
            Fault::Customer => &self.customer,
            Fault::Microsoft => &self.microsoft,
            Fault::Ours | Fault::Caller => &self.ours,
        };
        by.fetch_add(1, Ordering::Relaxed);
        if code.is_fleet_wide() {
            self.fleet_wide.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A consent that seems to be gone, together with everybody else's.
    pub(super) fn looks_like_a_refusal(&self) {
        self.ours.fetch_add(1, Ordering::Relaxed);
        self.fleet_wide.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn table_failed(&self) {
        self.ours.fetch_add(1, Ordering::Relaxed);
    }

    /// A token that callers are given was kept from being renewed, and not by its customer.
    pub(super) fn not_renewed(&self, record: &TokenRecord, now: Timestamp) {
        if !record.status.is_vended() {
            return;
        }
        let token = record.token.as_ref();
        let life = token.map_or(0, |token| now.seconds_until(token.expires_at));
        self.shortest_life.fetch_min(life, Ordering::Relaxed);
    }

    /// Whether somebody got a token, from this run or from who came first.
    pub(super) fn somebody_got_a_token(&self) -> bool {
        let got = |counter: &AtomicU32| counter.load(Ordering::Relaxed) > 0;
        got(&self.refreshed) || got(&self.lost)
    }

    /// Whether a fault that every tenant has is all that there was.
    fn met_only_faults_of_ours(&self) -> bool {
        self.fleet_wide.load(Ordering::Relaxed) > 0 && !self.somebody_got_a_token()
    }

    /// The counters; the rest is the run's to say.
    pub(super) fn report(&self) -> RefreshReport {
        let count = |counter: &AtomicU32| counter.load(Ordering::Relaxed);
        let failed_by = FailedBy {
            ours: count(&self.ours),
            customer: count(&self.customer),
            microsoft: count(&self.microsoft),
        };
        let shortest = self.shortest_life.load(Ordering::Relaxed);
        RefreshReport {
            refreshed: count(&self.refreshed),
            failed: failed_by.ours + failed_by.customer + failed_by.microsoft,
            failed_by,
            lost: count(&self.lost),
            skipped: count(&self.skipped),
            ended_early: None,
            fleet_fault: self.met_only_faults_of_ours(),
            shortest_life: (shortest != NONE).then_some(shortest),
        }
    }
}
