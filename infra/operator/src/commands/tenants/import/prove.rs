//! Each row of an import is proven and bound, several at a time. The import stops when
//! it is plain that the next row would fail for the same reason as the last ones.

use std::cell::RefCell;

use auth::breaker::Breaker;
use auth::cause::{Cause, CauseCode};
use auth::consent::{BindRequest, Binding, Bound, Standing, home_cloud};
use auth::ports::StoreError;
use auth::{Cloud, Tenant, TenantStatus};
use futures::StreamExt as _;

use super::done::{Done, RowEnd, Stopped};
use super::rows::Row;
use crate::commands::progress::Progress;
use crate::commands::stopping::count_failure;

/// An import under way.
pub(super) struct Import {
    binding: Binding,
    /// The cloud of a tenant that nothing is known of.
    cloud: Cloud,
    /// The failures since the last tenant that was connected; Microsoft's since its last
    /// answer about a tenant.
    breaker: Breaker,
    stopped: RefCell<Option<Stopped>>,
}

/// Why a row failed.
enum Failure {
    /// Entra ID or a rule refuses the tenant.
    Refused(Cause),
    /// The table does not answer as it should.
    Store(StoreError),
}

impl Import {
    /// `cloud`: the deployment's.
    pub(super) fn new(binding: Binding, cloud: Cloud) -> Self {
        Self {
            binding,
            cloud,
            breaker: Breaker::default(),
            stopped: RefCell::new(None),
        }
    }

    /// Takes the rows in their order, `concurrency` at a time.
    pub(super) async fn run(self, rows: Vec<Row>, concurrency: usize, progress: &Progress) -> Done {
        let import = &self;
        let mut done: Vec<_> = futures::stream::iter(rows.into_iter().enumerate())
            .map(|(index, row)| async move {
                let end = import.one(&row).await;
                progress.row_done(matches!(end, RowEnd::Refused(_)));
                (index, (row, end))
            })
            .buffer_unordered(concurrency)
            .collect()
            .await;
        done.sort_unstable_by_key(|(index, _)| *index);
        Done {
            rows: done.into_iter().map(|(_, row)| row).collect(),
            stopped: self.stopped.into_inner(),
        }
    }

    async fn one(&self, row: &Row) -> RowEnd {
        if self.stopped.borrow().is_some() {
            return RowEnd::NotTried;
        }
        match self.connect(row).await {
            Ok(end) => {
                if end == RowEnd::Connected {
                    self.breaker.succeeded();
                }
                end
            }
            Err(failure) => {
                self.count(&failure);
                RowEnd::Refused(failure.cause())
            }
        }
    }

    /// A tenant that is active for this account is passed over without a request: the
    /// refresher watches it, and an import that is run again comes quickly to where it
    /// stopped. A row that names no cloud takes no tenant out of its own; what the tenant's
    /// own metadata say counts over both.
    async fn connect(&self, row: &Row) -> Result<RowEnd, Failure> {
        let found = self.binding.tenants.find(row.tenant).await?;
        let known = found.as_ref().map(|found| found.cloud);
        let named = row.cloud.or(known).unwrap_or(self.cloud);
        let own = found.filter(|found| found.customer == row.customer);
        let status = own.map(|own| own.status);
        let is_connected = status == Some(TenantStatus::Active);
        if is_connected && known == Some(named) {
            return Ok(RowEnd::Already);
        }
        if status == Some(TenantStatus::Removed) {
            return Err(Failure::Refused(CauseCode::Removed.into()));
        }
        let issuer = self.binding.issuer.as_ref();
        let cloud = home_cloud(issuer, self.cloud, row.tenant, named).await;
        let cloud = cloud.map_err(Cause::from)?;
        if is_connected && known == Some(cloud) {
            return Ok(RowEnd::Already);
        }
        let renews = known.is_some_and(|known| known != cloud);
        self.bind(row, cloud, renews).await?;
        Ok(RowEnd::Connected)
    }

    /// `renews`: the tenant comes under another cloud.
    async fn bind(&self, row: &Row, cloud: Cloud, renews: bool) -> Result<Tenant, Cause> {
        let request = BindRequest {
            tenant: row.tenant,
            customer: &row.customer,
            cloud,
            invite: None,
            // It is to have consented already, and no removal is undone.
            standing: Standing {
                may_renew: renews,
                ..Standing::default()
            },
        };
        // The command's own row was written before it.
        let bound = self.binding.bind(&request, &|_| ()).await;
        bound
            .map(Bound::into_tenant)
            .map_err(|refused| refused.cause)
    }

    /// Whether the import goes on is decided by what failed in a row.
    fn count(&self, failure: &Failure) {
        if failure.is_of_this_row() {
            return;
        }
        let cause = failure.cause();
        if let Some(times) = count_failure(&self.breaker, &cause) {
            self.stopped.borrow_mut().get_or_insert(Stopped {
                times,
                detail: failure.detail(),
                cause,
            });
        }
    }
}

impl Failure {
    fn cause(&self) -> Cause {
        match self {
            Failure::Refused(cause) => cause.clone(),
            Failure::Store(error) => error.cause(),
        }
    }

    /// What the table said, where it was the table.
    fn detail(&self) -> Option<String> {
        match self {
            Failure::Refused(_) => None,
            Failure::Store(error) => Some(error.to_string()),
        }
    }

    /// The next row cannot fail for the same reason: this tenant's own item is damaged.
    fn is_of_this_row(&self) -> bool {
        matches!(self, Failure::Store(StoreError::Damaged(_)))
    }
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Failure::Refused(cause)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure::Store(error)
    }
}

#[cfg(test)]
#[path = "prove_tests.rs"]
mod tests;
