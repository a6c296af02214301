//! Where a record goes in the due index that brought no token in its turn: to a time of its own,
//! or back to its slot.

use std::time::Duration;

use super::run::{Run, Seen};
use crate::identifiers::TenantId;
use crate::ports::{StoreError, Write};
use crate::resource::Resource;
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// A record that could not be read, or its outcome not be written, is looked at again so soon.
const LOOK_AGAIN: Duration = Duration::from_secs(15 * 60);

impl Run<'_> {
    /// Has a record looked at again soon that cannot be used, so that its slot's turn can
    /// pass; as far as is known its token lives no longer.
    pub(super) async fn looks_again(
        &self,
        tenant: TenantId,
        resource: &Resource,
        error: &StoreError,
    ) -> bool {
        if !matches!(error, StoreError::Damaged(_)) {
            return false;
        }
        self.tally.lives(0);
        let at = self.refresh.clock.now() + LOOK_AGAIN;
        let written = self.refresh.tokens.look_again(tenant, resource, at).await;
        match &written {
            Ok(()) => self.has_moved(),
            Err(error) => self.count_store_error(tenant, error),
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
        let look = self.refresh.renewal.schedule.look_at(record, now);
        Ok(
            match self.refresh.tokens.put_back(record, look, now).await? {
                Write::Done => Seen::PutBack,
                // The index is behind the table: it is there already.
                Write::Stale => Seen::NotDue,
            },
        )
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
        tokens.look_again(latest.tenant, resource, at).await
    }
}
