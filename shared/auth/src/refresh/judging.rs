//! What a run makes of the tenants that look revoked, when it has seen the others: and only
//! then it gives its shards back, so that a run which dies before leaves all of them to the next.

use std::sync::atomic::Ordering;

use super::run::{Run, locked};
use crate::ports::StoreError;
use crate::renew::{Attempt, Judgement, RenewalError, Settled};
use crate::token::TokenRecord;

impl Run<'_> {
    /// Writes down what was held back, now that the run has seen the other tenants. One
    /// tenant's admin may take the consent away; a whole run of them did not.
    pub(super) async fn judge_suspects(&self) {
        let suspects = std::mem::take(&mut *locked(&self.suspects));
        let judgement = match self.judge.is_our_fault() {
            true => Judgement::Deferred,
            false => Judgement::Final,
        };
        for (record, attempt) in suspects {
            if let Err(error) = self.settle_suspect(&record, &attempt, judgement).await {
                self.count_store_error(record.tenant, &error);
                let named = (record.tenant, record.resource);
                if !self.looks_again(&named, &error).await {
                    self.unwritten.store(true, Ordering::Relaxed);
                }
            }
            self.tally.no_longer_skipped();
        }
    }

    async fn settle_suspect(
        &self,
        record: &TokenRecord,
        attempt: &Attempt,
        judgement: Judgement,
    ) -> Result<(), StoreError> {
        match self.settle(record, attempt, judgement).await {
            Ok(Settled::Lost(latest)) => self.after_race(&latest).await,
            Ok(Settled::Kept(_)) | Err(RenewalError::Refused { .. }) => Ok(()),
            Err(RenewalError::Store(error)) => Err(error),
        }
    }

    /// Gives the shards back, now that everything is written down that was looked at.
    pub(super) async fn give_back(&self) {
        let leases = &self.refresh.leases;
        let held = std::mem::take(&mut *locked(&self.held));
        for (lease, looked) in held {
            let given_back = match self.unwritten.load(Ordering::Relaxed) {
                true => self.patience.with(|| leases.release(lease.clone())).await,
                false => {
                    let give = || leases.release_at(lease.clone(), looked.clone());
                    self.patience.with(give).await
                }
            };
            match given_back {
                Ok(()) => {}
                Err(error @ StoreError::Throttled(_)) => self.throttled(&error),
                Err(error) => self.table_failed(&error),
            }
        }
    }
}
