//! Tenants that are not active any more, and those that are again. Their rows stay in the index
//! and say so, so that no run reads them meanwhile.

use auth::TenantId;
use auth::ports::{StoreError, Write};

use super::job::Job;
use super::known::Known;
use super::state::Run;
use crate::collect::refuse_all;
use crate::due::{Due, Hold};
use crate::ledger::TenantFeed;
use crate::refusal::Refusal;

impl Run<'_> {
    /// Holds a tenant that is not active: nothing is asked for it. Its subscriptions run on, and
    /// what it comes back to within seven days is listed.
    pub(super) async fn hold(&self, job: &Job) {
        let mark = self.mark_of(job);
        let moved = self
            .moved(job.tenant, |feed| {
                // From now on the lease does not speak for it.
                feed.listed_until(mark);
                refuse_all(feed, Refusal::NoToken);
                feed.due = Due::Held(Hold::Inactive);
                true
            })
            .await;
        self.end_move(job, moved).await;
    }

    /// A tenant that is active again goes on: what it missed is listed, or has expired. One that
    /// left stays away until a consent after that. Whether it has its turn now.
    pub(super) async fn wake(&self, job: &Job, known: &Known) -> bool {
        let (now, mut is_due) = (self.now(), false);
        let moved = self
            .moved(job.tenant, |feed| {
                let is_after = |left| known.consented_at.is_some_and(|at| at > left);
                if feed.leaves.is_some_and(is_after) {
                    feed.leaves = None;
                }
                // One that was to leave when it was held has still to be stopped.
                if feed.leaves.is_some() && feed.due == Due::Held(Hold::Left) {
                    return false;
                }
                is_due = !feed.is_paused || feed.leaves.is_some();
                feed.due = if is_due {
                    Due::From(now)
                } else {
                    Due::Held(Hold::Paused)
                };
                true
            })
            .await;
        let is_written = matches!(moved, Ok(Some(Write::Done)));
        self.end_move(job, moved).await;
        is_due && is_written
    }

    /// Changes a tenant's row, if `change` says so.
    async fn moved(
        &self,
        tenant: TenantId,
        change: impl FnOnce(&mut TenantFeed) -> bool,
    ) -> Result<Option<Write>, StoreError> {
        let ledger = &self.fleet.collector.ledger;
        let Some(mut feed) = ledger.feed(tenant).await? else {
            return Ok(None);
        };
        feed.settles(self.fleet.collector.settle);
        if !change(&mut feed) {
            return Ok(None);
        }
        ledger.put_feed(&feed).await.map(Some)
    }

    async fn end_move(&self, job: &Job, moved: Result<Option<Write>, StoreError>) {
        match moved {
            Ok(Some(Write::Done)) => self.tally.moved(job.task),
            // It is gone, stays, or another writer was first: the next run looks at it.
            Ok(None | Some(Write::Stale)) => {}
            Err(StoreError::Damaged(error)) => tracing::error!(
                event = "feed_turn_halted", tenant = %job.tenant, why = "damaged", error,
                "a tenant's row was not moved"
            ),
            Err(error) => {
                self.table_failed(&error);
                self.leave(job);
            }
        }
    }
}
