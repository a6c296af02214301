//! What a run counts, from many renewals at a time. It keeps counters and no record, so that a
//! run of 100,000 tenants takes the memory of one of a thousand.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::lives::Lives;
use super::report::RefreshReport;
use crate::cause::{CauseCode, FailedBy};
use crate::cloud::Cloud;
use crate::last_run::{LastRun, OfCloud};
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
    causes: BTreeMap<CauseCode, u32>,
    clouds: BTreeMap<Cloud, OfCloud>,
    slowest_ms: Option<u64>,
    lives: Lives,
}

/// A renewal that brought its token.
pub(super) struct Renewed {
    cloud: Cloud,
    /// Seconds that the old token had left; `None` for a tenant's first one.
    life_left: Option<u64>,
    took: Duration,
}

impl Renewed {
    /// Of the record as it was before, ended at `now`.
    pub(super) fn of(before: &TokenRecord, now: Timestamp, took: Duration) -> Self {
        let old = before.token.as_ref();
        Self {
            cloud: before.cloud,
            life_left: old.map(|token| now.seconds_until(token.expires_at)),
            took,
        }
    }
}

impl Tally {
    pub(super) fn renewed(&self, renewed: Renewed) {
        let mut counts = self.counts();
        counts.refreshed += 1;
        counts.clouds.entry(renewed.cloud).or_default().refreshed += 1;
        let took = u64::try_from(renewed.took.as_millis()).unwrap_or(u64::MAX);
        counts.slowest_ms = counts.slowest_ms.max(Some(took));
        if let Some(life) = renewed.life_left {
            counts.lives.note(life);
        }
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

    /// An attempt brought no token. What only looks like the customer's, together with every
    /// other tenant's, is not final and is ours.
    pub(super) fn refused(&self, cloud: Cloud, code: CauseCode, is_final: bool) {
        let mut counts = self.counts();
        *counts.causes.entry(code).or_default() += 1;
        counts.clouds.entry(cloud).or_default().failed += 1;
        if is_final {
            counts.failed_by.add(code.fault());
        } else {
            counts.failed_by.ours += 1;
        }
        if code.is_fleet_wide() || !is_final {
            counts.fleet_wide += 1;
        }
    }

    pub(super) fn table_failed(&self) {
        let mut counts = self.counts();
        counts.failed_by.ours += 1;
        let code = CauseCode::BrokerUnavailable;
        *counts.causes.entry(code).or_default() += 1;
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

    /// The counters; the rest is the run's to say.
    pub(super) fn report(&self) -> RefreshReport {
        let counts = self.counts();
        let by = counts.failed_by;
        let somebody_got_a_token = counts.refreshed > 0 || counts.lost > 0;
        RefreshReport {
            refreshed: counts.refreshed,
            failed: by.ours + by.customer + by.microsoft,
            failed_by: by,
            lost: counts.lost,
            skipped: counts.skipped,
            ended_early: None,
            // A fault that every tenant has is all that there was.
            fleet_fault: counts.fleet_wide > 0 && !somebody_got_a_token,
            shortest_life: counts.shortest_life,
            behind: 0,
        }
    }

    /// The same for the record of the run; the rest is the run's to say.
    pub(super) fn record(&self) -> LastRun {
        let counts = self.counts();
        LastRun {
            refreshed: counts.refreshed,
            lost: counts.lost,
            skipped: counts.skipped,
            failed_by: counts.failed_by,
            causes: counts.causes.clone(),
            clouds: counts.clouds.clone(),
            slowest_ms: counts.slowest_ms,
            life_left: counts.lives.left(),
            ..LastRun::default()
        }
    }

    /// A panic while the lock was held leaves counters that are still counters.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
