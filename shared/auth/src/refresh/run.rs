//! One run of the refresher: its stop sign, and what it does with a record. What the answers say
//! of all tenants is the judge's business; a fault of ours ends the run, and a cloud that is down
//! leaves its tenants.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::judge::Judge;
use super::parts::Refresh;
use super::patience::Patience;
use super::tally::{Renewed, Tally};
use crate::cause::Fault;
use crate::identifiers::TenantId;
use crate::last_run::{EndedEarly, LastRun, RequestUnits};
use crate::ports::{Lease, Looked, ReadRecord, StoreError};
use crate::renew::{Attempt, Judgement, RenewalError, Settled};
use crate::resource::Resource;
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// A renewal that begins must be able to end: the authority's total time-out with
/// its one retry, and the write.
const TIME_FOR_ONE: Duration = Duration::from_secs(30);

/// The name of a record.
pub(super) type Named = (TenantId, Resource);

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
    /// Another writer was first.
    Lost,
    /// It seems to be revoked, which is judged at the end of the run.
    Suspect,
    /// It can wait, or is gone.
    NotDue,
    /// It can wait, and was looked at too early: it is where it belongs now.
    PutBack,
    /// It is due, and its authority is not asked now.
    Left,
}

/// One run's counters and its stop sign.
pub(super) struct Run<'a> {
    pub(super) refresh: &'a Refresh,
    pub(super) deadline: Timestamp,
    pub(super) began: Timestamp,
    /// What its requests had cost before it.
    pub(super) spent_before: RequestUnits,
    /// The run before it, as the table has it.
    pub(super) before: Option<LastRun>,
    pub(super) tally: Tally,
    pub(super) judge: Judge,
    pub(super) patience: Patience<'a>,
    /// The shards that it worked on, each with how far it came. They are given back at its
    /// end: before that its suspects are not written down.
    pub(super) held: Mutex<Vec<(Lease, Looked)>>,
    /// A suspect could not be written down: what was looked at counts as not looked at.
    pub(super) unwritten: AtomicBool,
    /// All turns before it were looked at, by this run or by another one.
    pub(super) looked_until: Mutex<Option<Timestamp>>,
    /// Working tenants that look revoked: judged when the run has seen the others. None are
    /// kept once a token came.
    pub(super) suspects: Mutex<Vec<(TokenRecord, Attempt)>>,
    over: AtomicBool,
    /// The table does not answer.
    table_failed: AtomicBool,
    pub(super) why: OnceLock<EndedEarly>,
}

impl<'a> Run<'a> {
    /// Begins with what the run before it left.
    pub(super) fn after(
        before: Option<LastRun>,
        refresh: &'a Refresh,
        deadline: Timestamp,
    ) -> Self {
        let began = refresh.clock.now();
        let fleet = before.as_ref().map(|run| run.fleet.clone());
        let spending = refresh.spending.as_ref();
        Self {
            refresh,
            deadline,
            began,
            spent_before: spending.map(|counter| counter.spent()).unwrap_or_default(),
            before,
            tally: Tally::default(),
            judge: Judge::after(fleet.unwrap_or_default(), began),
            patience: Patience::until(refresh, deadline),
            held: Mutex::default(),
            unwritten: AtomicBool::new(false),
            looked_until: Mutex::default(),
            suspects: Mutex::default(),
            over: AtomicBool::new(false),
            table_failed: AtomicBool::new(false),
            why: OnceLock::new(),
        }
    }

    /// Looks at one record, which its slot's turn brought or nothing but the time. `read`: as the
    /// table had it. `false`: it has still to be looked at.
    pub(super) async fn one(&self, named: &Named, read: ReadRecord, by: By) -> bool {
        self.patience.pace().await;
        if self.refresh.clock.now() + TIME_FOR_ONE > self.deadline {
            self.end(EndedEarly::Deadline);
        }
        if self.is_over() {
            self.leave(read.as_ref(), by);
            return false;
        }
        match self.renew_if_due(read, by).await {
            Ok(Seen::Renewed) => self.patience.passed(),
            Ok(Seen::Lost) => self.tally.lost(),
            Ok(Seen::Suspect | Seen::PutBack) => self.tally.skipped(),
            Ok(Seen::NotDue) if by == By::Time => self.tally.skipped(),
            Ok(Seen::NotDue) | Err(RenewalError::Refused { .. }) => {}
            Ok(Seen::Left) => return false,
            Err(RenewalError::Store(error)) => {
                self.count_store_error(named.0, &error);
                return self.looks_again(named, &error).await;
            }
        }
        true
    }

    async fn renew_if_due(&self, read: ReadRecord, by: By) -> Result<Seen, RenewalError> {
        // The index is behind the table by moments: what it names may be done already.
        let Some(record) = read? else {
            return Ok(Seen::NotDue);
        };
        let now = self.refresh.clock.now();
        let waits = match by {
            By::Time => self.refresh.renewal.schedule.waits(&record, now),
            By::Turn => self.refresh.renewal.schedule.can_wait(&record, now),
        };
        match (record.status.is_refreshed(), waits, by) {
            (true, false, _) => self.renew(record, by).await,
            (true, true, By::Time) => Ok(self.put_back(&record, now).await?),
            _ => Ok(Seen::NotDue),
        }
    }

    async fn renew(&self, record: TokenRecord, by: By) -> Result<Seen, RenewalError> {
        let clock = &self.refresh.clock;
        let may_ask = self.judge.may_ask(record.cloud, || clock.now()).await;
        // A probe that was waited for may have ended the run.
        let (Some(may_ask), false) = (may_ask, self.is_over()) else {
            self.notes(EndedEarly::AuthorityDown);
            self.leave(Ok(&Some(record)), by);
            return Ok(Seen::Left);
        };
        let began = clock.since_start();
        let attempt = self.refresh.renewal.attempt(&record).await;
        let looks_revoked = self.judged(&record, &attempt);
        drop(may_ask);
        if looks_revoked && !self.judge.has_token() {
            locked(&self.suspects).push((record, attempt));
            return Ok(Seen::Suspect);
        }
        let settled = self.settle(&record, &attempt, Judgement::Final).await?;
        Ok(match settled {
            Settled::Kept(_) => {
                let took = clock.since_start().saturating_sub(began);
                self.tally.renewed(Renewed::of(&record, clock.now(), took));
                Seen::Renewed
            }
            Settled::Lost(latest) => {
                self.after_race(&latest).await?;
                Seen::Lost
            }
        })
    }

    /// Hands the answer to the judge. Whether it looks like a revocation.
    fn judged(&self, record: &TokenRecord, attempt: &Attempt) -> bool {
        let (cloud, now) = (record.cloud, self.refresh.clock.now());
        let Some(code) = attempt.refusal(record) else {
            self.judge.got_token(cloud, now);
            return false;
        };
        let looks_revoked = attempt.looks_revoked(record);
        let is_our_fault = match looks_revoked {
            true => self.judge.looks_revoked(record, code, now),
            false => self.judge.refused(cloud, code, now),
        };
        if is_our_fault {
            self.end(EndedEarly::OurFault);
        }
        looks_revoked
    }

    /// Writes down what an attempt brought, and notes the token that is left as it is
    /// although its customer did nothing.
    pub(super) async fn settle(
        &self,
        record: &TokenRecord,
        attempt: &Attempt,
        judgement: Judgement,
    ) -> Result<Settled, RenewalError> {
        let renewal = &self.refresh.renewal;
        let settled = self
            .patience
            .with(|| renewal.settle(record, attempt, judgement))
            .await;
        let Err(error) = &settled else {
            return settled;
        };
        let is_final = judgement == Judgement::Final;
        let code = match error {
            RenewalError::Refused { cause, .. } => Some(cause.code),
            RenewalError::Store(_) => None,
        };
        if let Some(code) = code {
            self.tally.refused(record.cloud, code, is_final);
        }
        if !(is_final && code.is_some_and(|code| code.fault() == Fault::Customer)) {
            self.tally.not_renewed(record, self.refresh.clock.now());
        }
        settled
    }

    /// A record that cannot be used is one tenant's trouble and must not keep the others
    /// from their tokens.
    pub(super) fn count_store_error(&self, tenant: TenantId, error: &StoreError) {
        self.tally.table_failed();
        match error {
            StoreError::Damaged(_) => tracing::error!(
                event = "refresh_store_error", %tenant, %error, "a token was not renewed"
            ),
            StoreError::Throttled(_) => self.throttled(error),
            StoreError::Unavailable(_) | StoreError::Broken(_) => self.table_failed(error),
        }
    }

    /// What was throttled to the end of its tries is left to the next run, and reported once.
    pub(super) fn throttled(&self, error: &StoreError) {
        if self.notes(EndedEarly::StoreThrottled) {
            tracing::warn!(
                event = "refresh_store_throttled", %error,
                "the table's capacity is too small for this run: the next one goes on"
            );
        }
    }

    /// A table that does not answer ends the run. It is reported once, however many renewals
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

    /// Of some shard all turns up to `at` were looked at.
    pub(super) fn came_to(&self, at: Timestamp) {
        let mut until = locked(&self.looked_until);
        *until = Some(until.map_or(at, |until| until.min(at)));
    }

    /// Something is left for this reason. Whether it is the first one, which is reported.
    fn notes(&self, why: EndedEarly) -> bool {
        self.why.set(why).is_ok()
    }

    fn end(&self, why: EndedEarly) {
        self.notes(why);
        self.over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    pub(super) fn table_answers(&self) -> bool {
        !self.table_failed.load(Ordering::Relaxed)
    }
}

/// A panic while the lock was held leaves a value that is still a value.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
