//! One run of the refresher: its counters, its stop sign and its judgement. Faults of
//! ours end it: asking for every further tenant would only repeat them.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;

use super::parts::Refresh;
use super::report::{EndedEarly, RefreshReport};
use super::tally::Tally;
use crate::breaker::{Breaker, Side};
use crate::cause::{CauseCode, Fault};
use crate::identifiers::TenantId;
use crate::ports::StoreError;
use crate::renew::{Attempt, Judgement, RenewalError, Settled};
use crate::resource::Resource;
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// A renewal that begins must be able to end: the authority's total time-out with
/// its one retry, and the write.
const TIME_FOR_ONE: Duration = Duration::from_secs(30);
/// How many due records one query brings.
const PAGE: u32 = 100;
/// When so many working tenants look revoked in one run and not one token came, it is
/// our settings or our registration that changed, not the customers' minds.
const SUSPECTS: usize = 3;

/// One run's counters and its stop sign.
pub(super) struct Run<'a> {
    refresh: &'a Refresh,
    deadline: Timestamp,
    tally: Tally,
    /// Records that were written, and so have left the front of the due index.
    moved: AtomicU32,
    /// Working tenants that look revoked: judged when the run has seen the others.
    suspects: Mutex<Vec<(TokenRecord, Attempt)>>,
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
            suspects: Mutex::default(),
            breaker: Breaker::default(),
            over: AtomicBool::new(false),
            table_failed: AtomicBool::new(false),
            why: std::sync::OnceLock::new(),
        }
    }

    /// Renews what is due of one shard, if no other run has it. The lease is taken
    /// only for something to do: an empty run writes nothing.
    pub(super) async fn shard(&self, shard: u32) -> Result<(), StoreError> {
        let now = self.refresh.clock.now();
        let first = self.refresh.tokens.due(shard, now, PAGE).await?;
        if first.is_empty() {
            return Ok(());
        }
        let (leases, name) = (&self.refresh.leases, format!("refresh#{shard}"));
        let Some(lease) = leases.take(&name, now, self.deadline).await? else {
            tracing::info!(
                event = "shard_taken",
                shard,
                "another run has shard {shard}"
            );
            return Ok(());
        };
        let outcome = self.pages(shard, first).await;
        leases.release(lease).await?;
        outcome
    }

    /// Takes the due records page by page. A page that left nothing behind in the
    /// index, because each record moved to a later time, is followed by the next.
    async fn pages(&self, shard: u32, first: Vec<(TenantId, Resource)>) -> Result<(), StoreError> {
        let mut due = first;
        loop {
            let moved_before = self.moved.load(Ordering::Relaxed);
            futures::stream::iter(due.iter())
                .for_each_concurrent(self.refresh.concurrency.max(1), |(tenant, resource)| {
                    self.one(*tenant, resource)
                })
                .await;
            let page_was_full = due.len() >= PAGE as usize;
            // A page that moved nothing would come back as it is.
            let moved = self.moved.load(Ordering::Relaxed) > moved_before;
            if !page_was_full || !moved || self.is_over() {
                return Ok(());
            }
            let now = self.refresh.clock.now();
            due = self.refresh.tokens.due(shard, now, PAGE).await?;
        }
    }

    async fn one(&self, tenant: TenantId, resource: &Resource) {
        let now = self.refresh.clock.now();
        if now + TIME_FOR_ONE > self.deadline {
            self.end(EndedEarly::Deadline);
        }
        if self.is_over() {
            return;
        }
        match self.renew_if_due(tenant, resource, now).await {
            Ok(Some(settled)) => self.count_settled(&settled),
            Ok(None) => self.tally.skipped(),
            Err(RenewalError::Refused { cause, .. }) => self.count_failure(cause.code),
            Err(RenewalError::Store(error)) => self.count_store_error(tenant, &error),
        }
    }

    fn count_settled(&self, settled: &Settled) {
        self.breaker.succeeded();
        self.moved.fetch_add(1, Ordering::Relaxed);
        match settled {
            Settled::Kept(_) => self.tally.refreshed(),
            Settled::Lost(_) => self.tally.lost(),
        }
    }

    /// A record that cannot be used is one tenant's trouble and must not keep the others
    /// from their tokens.
    fn count_store_error(&self, tenant: TenantId, error: &StoreError) {
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

    /// `None`: it is not due any more, or is judged at the end of the run.
    async fn renew_if_due(
        &self,
        tenant: TenantId,
        resource: &Resource,
        now: Timestamp,
    ) -> Result<Option<Settled>, RenewalError> {
        // The index is behind the table by moments: what it names may be done already.
        let record = self.refresh.tokens.read(tenant, resource).await?;
        match record {
            Some(record) if record.refresh_at <= now && record.status.is_refreshed() => {
                self.renew(record).await
            }
            _ => Ok(None),
        }
    }

    async fn renew(&self, record: TokenRecord) -> Result<Option<Settled>, RenewalError> {
        let attempt = self.refresh.renewal.attempt(&record).await;
        if !attempt.looks_revoked(&record) {
            let settled = self.settle(&record, attempt, Judgement::Final).await?;
            return Ok(Some(settled));
        }
        let suspects = {
            let mut suspects = self.suspects();
            suspects.push((record, attempt));
            suspects.len()
        };
        if self.looks_like_our_fault(suspects) {
            self.end(EndedEarly::OurFault);
        }
        Ok(None)
    }

    /// Writes down what an attempt brought, and notes the token that is left as it is
    /// although its customer did nothing.
    async fn settle(
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

    /// One tenant's admin may take the consent away; a whole run of them did not.
    fn looks_like_our_fault(&self, suspects: usize) -> bool {
        suspects >= SUSPECTS && !self.tally.somebody_got_a_token()
    }

    /// Writes down what was held back, now that the run has seen the other tenants.
    pub(super) async fn judge_suspects(&self) {
        let suspects = std::mem::take(&mut *self.suspects());
        let judgement = match self.looks_like_our_fault(suspects.len()) {
            true => {
                tracing::error!(
                    event = "fleet_fault",
                    tenants = suspects.len(),
                    "{} tenants look revoked and not one got a token: check ENTRA_CLIENT_ID, \
                     ENTRA_CLOUD, ENTRA_REQUIRED_ROLES and whether the application is enabled; \
                     no tenant was marked as revoked",
                    suspects.len()
                );
                Judgement::Deferred
            }
            false => Judgement::Final,
        };
        for (record, attempt) in suspects {
            match self.settle(&record, attempt, judgement).await {
                Ok(_) => {}
                Err(RenewalError::Refused { cause, .. }) => match judgement {
                    Judgement::Final => self.tally.refused(cause.code),
                    // It only looks like the customers'.
                    _ => self.tally.looks_like_a_refusal(),
                },
                Err(RenewalError::Store(error)) => self.count_store_error(record.tenant, &error),
            }
            self.tally.no_longer_skipped();
        }
    }

    /// A panic while the lock was held leaves a list that is still a list.
    fn suspects(&self) -> MutexGuard<'_, Vec<(TokenRecord, Attempt)>> {
        self.suspects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count_failure(&self, code: CauseCode) {
        self.moved.fetch_add(1, Ordering::Relaxed);
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

    pub(super) fn report(&self) -> RefreshReport {
        let (tally, ended_early) = (self.tally.report(), self.why.get().copied());
        RefreshReport {
            fleet_fault: tally.fleet_fault || ended_early == Some(EndedEarly::OurFault),
            ended_early,
            ..tally
        }
    }
}
