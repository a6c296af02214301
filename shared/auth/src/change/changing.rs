//! One loop writes every change that an operator makes of a tenant. Each round decides on what
//! the table holds then, so that nobody else's write is lost; it gives up when somebody else is
//! first every time, and when the tenant has come to another account than the operator was
//! shown.

use std::sync::Arc;

use crate::identifiers::Customer;
use crate::ports::{Clock, Connecting, StoreError, Tenants, Write};
use crate::renew::report_change;
use crate::resource::Resource;
use crate::tenant::{TagChange, Tenant, TooManyTags};

/// Somebody who writes in between is another command or a renewal; more rounds than this
/// mean that something else is wrong.
const ROUNDS: usize = 4;

/// Changes tenants on the operator's word.
pub struct Changing {
    /// Where the change is written.
    pub tenants: Arc<dyn Tenants>,
    /// From when the tenant stands where it then stands.
    pub clock: Arc<dyn Clock>,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct Changed {
    /// The tenant as it stands now.
    pub tenant: Tenant,
    /// What it was; `None` when there was nothing to change.
    pub before: Option<Tenant>,
}

/// Why nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChangeError {
    /// The tenant is not in the table.
    #[error("it is not connected any more")]
    NotConnected,
    /// It was moved to another account since the operator saw it.
    #[error("it was moved to another customer account meanwhile: look at it again")]
    Moved,
    /// Somebody else was first every time.
    #[error("somebody else writes to it all the time: try again")]
    Busy,
    /// It would have too many tags.
    #[error(transparent)]
    Tags(#[from] TooManyTags),
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a change is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Writing<'a> {
    /// With the copies in its token records.
    Change,
    /// As connected, with a record for each of these.
    Connect(&'a [Resource]),
    /// Without its token records.
    Remove,
}

impl Changing {
    /// Holds the tenant back: nothing is asked for and nothing handed out, its tokens are
    /// deleted. A tenant that was removed stays removed.
    pub async fn suspend(&self, seen: &Tenant) -> Result<Changed, ChangeError> {
        let rule = |tenant: &Tenant| Ok(tenant.suspended(self.clock.now()));
        self.write(seen, Writing::Change, rule).await
    }

    /// Binds the tenant to another account, removed or not. Its tokens stay.
    pub async fn move_to(
        &self,
        seen: &Tenant,
        customer: &Customer,
    ) -> Result<Changed, ChangeError> {
        let rule = |tenant: &Tenant| Ok(tenant.moved_to(customer));
        self.write(seen, Writing::Change, rule).await
    }

    /// Changes the tenant's tags. Its tokens stay.
    pub async fn tag(&self, seen: &Tenant, change: &TagChange) -> Result<Changed, ChangeError> {
        let rule = |tenant: &Tenant| Ok(tenant.tagged(change)?);
        self.write(seen, Writing::Change, rule).await
    }

    /// Removes the tenant and deletes its tokens. It stays bound to its account.
    pub async fn remove(&self, seen: &Tenant) -> Result<Changed, ChangeError> {
        let rule = |tenant: &Tenant| Ok(tenant.removed(self.clock.now()));
        self.write(seen, Writing::Remove, rule).await
    }

    /// `seen` is what the operator was shown.
    pub(super) async fn write(
        &self,
        seen: &Tenant,
        writing: Writing<'_>,
        rule: impl Fn(&Tenant) -> Result<Option<Tenant>, ChangeError>,
    ) -> Result<Changed, ChangeError> {
        let mut tenant = seen.clone();
        for _ in 0..ROUNDS {
            let Some(after) = rule(&tenant)? else {
                let before = None;
                return Ok(Changed { tenant, before });
            };
            if tenant.customer != seen.customer {
                return Err(ChangeError::Moved);
            }
            if self.write_once(&tenant, &after, writing).await? == Write::Done {
                report(&tenant, &after);
                return Ok(Changed {
                    tenant: after,
                    before: Some(tenant),
                });
            }
            let found = self.tenants.find(seen.id).await?;
            tenant = found.ok_or(ChangeError::NotConnected)?;
        }
        Err(ChangeError::Busy)
    }

    async fn write_once(
        &self,
        before: &Tenant,
        after: &Tenant,
        writing: Writing<'_>,
    ) -> Result<Write, StoreError> {
        match writing {
            Writing::Change => self.tenants.change(before, after).await,
            Writing::Remove => self.tenants.remove(before, after).await,
            Writing::Connect(resources) => {
                let connecting = Connecting::new(after, resources, self.clock.now());
                let before = Some(before);
                self.tenants
                    .connect(Connecting {
                        before,
                        ..connecting
                    })
                    .await
            }
        }
    }
}

/// One event line per change; neither a move nor a tag changes a status.
fn report(before: &Tenant, after: &Tenant) {
    report_change(before, after);
    if before.customer != after.customer {
        tracing::info!(
            event = "tenant_moved", tenant = %after.id,
            from = %before.customer, to = %after.customer, status = %after.status,
            "tenant {} is bound to {} (was bound to {})",
            after.id, after.customer, before.customer
        );
    }
    if before.tags != after.tags {
        tracing::info!(
            event = "tenant_tagged", tenant = %after.id, customer = %after.customer,
            tags = ?after.tags, "the tags of tenant {} were changed", after.id
        );
    }
}
