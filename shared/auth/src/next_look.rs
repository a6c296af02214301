//! When a waiting tenant is looked at next: for callers, operators and admins, who read the
//! same story of it ([`Waiting`]).

use crate::ports::{StoreError, Tenants};
use crate::tenant::{Tenant, Waiting};
use crate::timestamp::Timestamp;

impl Tenant {
    /// What it waits for, where it waits for anything. Reads the table for a propagating
    /// tenant alone.
    pub async fn waiting(
        &self,
        tenants: &dyn Tenants,
        now: Timestamp,
    ) -> Result<Option<Waiting>, StoreError> {
        let cause = self.cause.as_ref();
        let waiting = Waiting::of(self.status, cause, None, now);
        let (Some(_), Some(resource)) = (waiting, &self.cause_resource) else {
            return Ok(waiting);
        };
        let next_attempt_at = tenants.next_attempt_at(self.id, resource).await?;
        Ok(Waiting::of(self.status, cause, next_attempt_at, now))
    }
}
