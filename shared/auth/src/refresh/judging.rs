//! What a run makes of the tenants that look revoked, when it has seen the others: and only
//! then it gives its shards back, so that a run which dies before leaves all of them to the next.

use std::sync::atomic::Ordering;

use super::run::{Run, locked};
use crate::renew::{Judgement, RenewalError, Settled};

/// When so many working tenants look revoked in one run and not one token came, it is
/// our settings or our registration that changed, not the customers' minds.
const SUSPECTS: usize = 3;

impl Run<'_> {
    /// One tenant's admin may take the consent away; a whole run of them did not.
    pub(super) fn looks_like_our_fault(&self, suspects: usize) -> bool {
        suspects >= SUSPECTS && !self.tally.somebody_got_a_token()
    }

    /// Writes down what was held back, now that the run has seen the other tenants.
    pub(super) async fn judge_suspects(&self) {
        let suspects = std::mem::take(&mut *locked(&self.suspects));
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
            let settled = match self.settle(&record, attempt, judgement).await {
                Ok(Settled::Lost(latest)) => self.after_race(&latest).await.map_err(Into::into),
                settled => settled.map(|_| ()),
            };
            match settled {
                Ok(()) => {}
                Err(RenewalError::Refused { cause, .. }) => match judgement {
                    Judgement::Final => self.tally.refused(cause.code),
                    // It only looks like the customers'.
                    _ => self.tally.looks_like_a_refusal(),
                },
                Err(RenewalError::Store(error)) => {
                    self.count_store_error(record.tenant, &error);
                    let (tenant, resource) = (record.tenant, &record.resource);
                    if !self.looks_again(tenant, resource, &error).await {
                        self.unwritten.store(true, Ordering::Relaxed);
                    }
                }
            }
            self.tally.no_longer_skipped();
        }
    }

    /// Gives the shards back, now that everything is written down that was looked at.
    pub(super) async fn give_back(&self) {
        let leases = &self.refresh.leases;
        let held = std::mem::take(&mut *locked(&self.held));
        for (lease, looked) in held {
            let given_back = if self.unwritten.load(Ordering::Relaxed) {
                leases.release(lease).await
            } else {
                leases.release_at(lease, looked).await
            };
            if let Err(error) = given_back {
                self.table_failed(&error);
            }
        }
    }
}
