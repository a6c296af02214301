//! One run of the refresher: its counters, its stop sign, and what it does with a record.
//! Faults of ours end it: asking for every further tenant would only repeat them.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::parts::Refresh;
use super::report::{EndedEarly, RefreshReport};
use super::tally::Tally;
use crate::breaker::{Breaker, Side};
use crate::cause::{CauseCode, Fault};
use crate::identifiers::TenantId;
use crate::ports::{Lease, Looked, ReadRecord, StoreError};
use crate::renew::{Attempt, Judgement, RenewalError, Settled};
use crate::resource::Resource;
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// A renewal that begins must be able to end: the authority's total time-out with
/// its one retry, and the write.
const TIME_FOR_ONE: Duration = Duration::from_secs(30);

/// What brought a record before a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The time: it waits for no turn.
    Time,
    /// The turn of its tenant's slot.
    Turn,
}

/// What became of a record that was looked at.
pub(super) enum Seen {
    /// It has a new token.
    Renewed,
    /// Somebody else was first.
    Lost,
    /// It seems to be revoked, which is judged at the end of the run.
    Suspect,
    /// It can wait, or is gone.
    NotDue,
    /// It can wait, and was looked at too early: it is where it belongs now.
    PutBack,
}

/// One run's counters and its stop sign.
pub(super) struct Run<'a> {
    pub(super) refresh: &'a Refresh,
    pub(super) deadline: Timestamp,
    pub(super) tally: Tally,
    /// Records that have left the front of the due index.
    pub(super) moved: AtomicU32,
    /// The shards that it worked on, each with how far it came. They are given back at its
    /// end: before that its suspects are not written down.
    pub(super) held: Mutex<Vec<(Lease, Looked)>>,
    /// A suspect could not be written down: what was looked at counts as not looked at.
    pub(super) unwritten: AtomicBool,
    /// All turns before it were looked at, by this run or by another one.
    looked_until: Mutex<Option<Timestamp>>,
    /// Working tenants that look revoked: judged when the run has seen the others.
    pub(super) suspects: Mutex<Vec<(TokenRecord, Attempt)>>,
    /// The failures since the last token.
    breaker: Breaker,
    over: AtomicBool,
    /// It was told that the table does not answer.
    table_failed: AtomicBool,
    why: std::sync::OnceLock<EndedEarly>,
}

impl<'a> Run<'a> {
    pub(super) fn new(refresh: &'a Refresh, deadline: Timestamp) -> Self {
        Self {
            refresh,
            deadline,
            tally: Tally::default(),
            moved: AtomicU32::new(0),
            held: Mutex::default(),
            unwritten: AtomicBool::new(false),
            looked_until: Mutex::default(),
            suspects: Mutex::default(),
            breaker: Breaker::default(),
            over: AtomicBool::new(false),
            table_failed: AtomicBool::new(false),
            why: std::sync::OnceLock::new(),
        }
    }

    /// Looks at one record, which its slot's turn brought or nothing but the time. `read`: as the
    /// table had it; `None` after the end of the run. `false`: it has still to be looked at.
    pub(super) async fn one(
        &self,
        (tenant, resource): (TenantId, &Resource),
        read: Option<ReadRecord>,
        by: By,
    ) -> bool {
        let now = self.refresh.clock.now();
        if now + TIME_FOR_ONE > self.deadline {
            self.end(EndedEarly::Deadline);
        }
        let Some(read) = read.filter(|_| !self.is_over()) else {
            return false;
        };
        match self.renew_if_due(read, (now, by)).await {
            Ok(Seen::Renewed) => self.settled(Tally::refreshed),
            Ok(Seen::Lost) => self.settled(Tally::lost),
            Ok(Seen::Suspect) => self.tally.skipped(),
            Ok(Seen::PutBack) => {
                self.has_moved();
                self.tally.skipped();
            }
            Ok(Seen::NotDue) if by == By::Time => self.tally.skipped(),
            Ok(Seen::NotDue) => {}
            Err(RenewalError::Refused { cause, .. }) => self.count_failure(cause.code),
            Err(RenewalError::Store(error)) => {
                self.count_store_error(tenant, &error);
                return self.looks_again(tenant, resource, &error).await;
            }
        }
        true
    }

    fn settled(&self, count: fn(&Tally)) {
        self.breaker.succeeded();
        self.has_moved();
        count(&self.tally);
    }

    pub(super) fn has_moved(&self) {
        self.moved.fetch_add(1, Ordering::Relaxed);
    }

    /// A record that cannot be used is one tenant's trouble and must not keep the others
    /// from their tokens.
    pub(super) fn count_store_error(&self, tenant: TenantId, error: &StoreError) {
        self.tally.table_failed();
        match error {
            StoreError::Damaged(_) => tracing::error!(
                event = "refresh_store_error", %tenant, %error, "a token was not renewed"
            ),
            StoreError::Unavailable(_) | StoreError::Broken(_) => self.table_failed(error),
        }
    }

    /// A table that does not answer ends the run. It is told once, however many renewals
    /// were under way.
    pub(super) fn table_failed(&self, error: &StoreError) {
        if matches!(error, StoreError::Damaged(_))
            || !self.table_failed.swap(true, Ordering::Relaxed)
        {
            tracing::error!(
                event = "refresh_store_error", %error,
                "a refresh run ended early; the next one goes on"
            );
        }
        self.end(EndedEarly::StoreUnavailable);
    }

    async fn renew_if_due(
        &self,
        read: ReadRecord,
        (now, by): (Timestamp, By),
    ) -> Result<Seen, RenewalError> {
        // The index is behind the table by moments: what it names may be done already.
        let Some(record) = read? else {
            return Ok(Seen::NotDue);
        };
        let waits = match by {
            By::Time => self.refresh.renewal.schedule.waits(&record, now),
            By::Turn => self.refresh.renewal.schedule.can_wait(&record, now),
        };
        match (record.status.is_refreshed(), waits, by) {
            (true, false, _) => self.renew(record).await,
            (true, true, By::Time) => Ok(self.put_back(&record, now).await?),
            _ => Ok(Seen::NotDue),
        }
    }

    async fn renew(&self, record: TokenRecord) -> Result<Seen, RenewalError> {
        let attempt = self.refresh.renewal.attempt(&record).await;
        if !attempt.looks_revoked(&record) {
            let settled = self.settle(&record, attempt, Judgement::Final).await?;
            return Ok(match settled {
                Settled::Kept(_) => Seen::Renewed,
                Settled::Lost(latest) => {
                    self.after_race(&latest).await?;
                    Seen::Lost
                }
            });
        }
        let suspects = {
            let mut suspects = locked(&self.suspects);
            suspects.push((record, attempt));
            suspects.len()
        };
        if self.looks_like_our_fault(suspects) {
            self.end(EndedEarly::OurFault);
        }
        Ok(Seen::Suspect)
    }

    /// A record that is due and was not tried: its token lives no longer than it does.
    pub(super) async fn leave(&self, tenant: TenantId, resource: &Resource) {
        let now = self.refresh.clock.now();
        match self.refresh.tokens.read(tenant, resource).await {
            Ok(Some(record)) if record.refresh_at <= now => {
                let failure = record.last_failure.as_ref();
                if failure.is_none_or(|cause| cause.code.fault() != Fault::Customer) {
                    self.tally.not_renewed(&record, now);
                }
            }
            Ok(_) => {}
            Err(_) => self.tally.lives(0),
        }
    }

    /// Writes down what an attempt brought, and notes the token that is left as it is
    /// although its customer did nothing.
    pub(super) async fn settle(
        &self,
        record: &TokenRecord,
        attempt: Attempt,
        judgement: Judgement,
    ) -> Result<Settled, RenewalError> {
        let settled = self.refresh.renewal.settle(record, attempt, judgement);
        let settled = settled.await;
        let is_the_customers = |error: &RenewalError| {
            let RenewalError::Refused { cause, .. } = error else {
                return false;
            };
            cause.code.fault() == Fault::Customer && judgement == Judgement::Final
        };
        if settled
            .as_ref()
            .is_err_and(|error| !is_the_customers(error))
        {
            let now = self.refresh.clock.now();
            self.tally.not_renewed(record, now);
        }
        settled
    }

    /// Of some shard all turns up to `at` were looked at.
    pub(super) fn came_to(&self, at: Timestamp) {
        let mut until = locked(&self.looked_until);
        *until = Some(until.map_or(at, |until| until.min(at)));
    }

    fn count_failure(&self, code: CauseCode) {
        self.has_moved();
        self.tally.refused(code);
        let (failed, why) = match code {
            code if code.is_fleet_wide() => (Side::Here, EndedEarly::OurFault),
            CauseCode::Unavailable | CauseCode::NoAnswer | CauseCode::Throttled => {
                (Side::AtMicrosoft, EndedEarly::AuthorityDown)
            }
            _ => return,
        };
        if self.breaker.failed(failed).is_some() {
            self.end(why);
        }
    }

    fn end(&self, why: EndedEarly) {
        // The first reason is the one that is told.
        let _ = self.why.set(why);
        self.over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    pub(super) fn table_answers(&self) -> bool {
        !self.table_failed.load(Ordering::Relaxed)
    }

    pub(super) fn report(&self) -> RefreshReport {
        let (tally, ended_early) = (self.tally.report(), self.why.get().copied());
        let until = *locked(&self.looked_until);
        let now = self.refresh.clock.now();
        RefreshReport {
            fleet_fault: tally.fleet_fault || ended_early == Some(EndedEarly::OurFault),
            ended_early,
            behind: until.map_or(0, |until| until.seconds_until(now)),
            ..tally
        }
    }
}

/// A panic while the lock was held leaves a value that is still a value.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
