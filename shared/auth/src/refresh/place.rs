//! Where a record goes in the due index that brought no token in its turn: to a time of its own,
//! or back to its slot; and what is noted of one that stays where it is.

use std::time::Duration;

use super::run::{By, Named, Run, Seen};
use crate::cause::Fault;
use crate::ports::{StoreError, Write};
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// A record that could not be read, or its outcome not be written, is looked at again so soon.
const LOOK_AGAIN: Duration = Duration::from_secs(15 * 60);

impl Run<'_> {
    /// Has a record looked at again soon that cannot be used, so that its slot's turn can
    /// pass; as far as is known its token lives no longer.
    pub(super) async fn looks_again(&self, (tenant, resource): &Named, error: &StoreError) -> bool {
        if !matches!(error, StoreError::Damaged(_)) {
            return false;
        }
        self.tally.lives(0);
        let (tokens, at) = (&self.refresh.tokens, self.refresh.clock.now() + LOOK_AGAIN);
        let again = || tokens.look_again(*tenant, resource, at);
        let written = self.patience.with(again).await;
        if let Err(error) = &written {
            self.count_store_error(*tenant, error);
        }
        written.is_ok()
    }

    /// A record that the time brought and that waits would come in every run until its own
    /// time, in front of what is due.
    pub(super) async fn put_back(
        &self,
        record: &TokenRecord,
        now: Timestamp,
    ) -> Result<Seen, StoreError> {
        let tokens = &self.refresh.tokens;
        let look = self.refresh.renewal.schedule.look_at(record, now);
        let put = || tokens.put_back(record, look, now);
        Ok(match self.patience.with(put).await? {
            Write::Done => Seen::PutBack,
            // The index is behind the table: it is there already.
            Write::Stale => Seen::NotDue,
        })
    }

    /// Another writer was first. What it wrote can be a label, or the tenant's status, and no
    /// token: then this turn has brought nothing, and the next one comes too late.
    pub(super) async fn after_race(&self, latest: &TokenRecord) -> Result<(), StoreError> {
        let now = self.refresh.clock.now();
        let waits = self.refresh.renewal.schedule.can_wait(latest, now);
        if waits || !latest.status.is_refreshed() {
            return Ok(());
        }
        let (resource, at) = (&latest.resource, latest.refresh_at.max(now));
        let tokens = &self.refresh.tokens;
        let again = || tokens.look_again(latest.tenant, resource, at);
        self.patience.with(again).await
    }

    /// A record stays as it is, due or not: its token lives no longer than it does. Of those
    /// whose turn came, the turns that were not looked at say it.
    pub(super) fn leave(&self, read: Result<&Option<TokenRecord>, &StoreError>, by: By) {
        if by == By::Turn || !self.table_answers() {
            return;
        }
        let now = self.refresh.clock.now();
        match read {
            Ok(Some(record)) if record.refresh_at <= now => {
                let failure = record.last_failure.as_ref();
                if failure.is_none_or(|cause| cause.code.fault() != Fault::Customer) {
                    self.tally.not_renewed(record, now);
                }
            }
            Ok(_) => {}
            Err(_) => self.tally.lives(0),
        }
    }
}
