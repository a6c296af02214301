//! The audit logs of a place: the use case over its table, by the pace of its collector.

use std::sync::Arc;
use std::time::Duration;

use auth::ports::{StoreError, Tenants};
use auth::{Tenant, TenantId};
use feed::operate::{Feeds, OperateError, Status};
use wiring::Platform;
use wiring::settings::Reader;

use crate::commands::tenants::tenant::find;
use crate::place::Place;

/// The audit logs, with what their commands need besides.
pub(crate) struct Feed {
    pub(crate) feeds: Feeds,
    pub(crate) tenants: Arc<dyn Tenants>,
    pub(crate) platform: Platform,
}

/// How often a tenant's turn comes, and how long content settles, as the collector has it: with
/// other values than its own, what the runs left of an idle tenant cannot be believed.
#[derive(Clone, Copy)]
struct Pace {
    every: Duration,
    settle: u32,
}

impl Pace {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let settle = reader.number("FEED_SETTLE_SECONDS", 300, 0..=3600);
        Some(Self {
            every: reader.seconds("FEED_EVERY_SECONDS", 300, 256..=3600),
            settle: u32::try_from(settle).ok()?,
        })
    }
}

impl Feed {
    /// Of this place. Makes no request.
    pub(crate) async fn of(place: &Place<'_>) -> anyhow::Result<Self> {
        let platform = place.platform(&place.tables()?).await;
        Self::over(place, platform)
    }

    /// The same over a platform that is there.
    pub(crate) fn over(place: &Place<'_>, platform: Platform) -> anyhow::Result<Self> {
        let pace = place.settings(Pace::read)?;
        let table = Arc::new(platform.store.table().clone());
        let feeds = Feeds {
            ledger: table.clone(),
            due: table,
            leases: Arc::clone(&platform.store.leases),
            clock: Arc::clone(&platform.clock),
            interval: pace.every,
            settle: pace.settle,
        };
        Ok(Self {
            feeds,
            tenants: Arc::clone(&platform.store.tenants),
            platform,
        })
    }

    /// The tenant, which has to be known here.
    pub(super) async fn tenant(&self, id: TenantId) -> anyhow::Result<Tenant> {
        find(&self.platform, id).await
    }

    /// How a tenant stands that has to be collected.
    pub(super) async fn status(&self, tenant: &Tenant) -> anyhow::Result<Status> {
        let found = self.feeds.status(tenant.id).await?;
        found.ok_or_else(|| failed(tenant, &OperateError::NotCollected))
    }
}

/// Why a command on a tenant failed, and what it has to do with the tenant itself.
pub(super) fn failed(tenant: &Tenant, error: &OperateError) -> anyhow::Error {
    let id = tenant.id;
    match error {
        OperateError::NotCollected if !tenant.status.is_vended() => anyhow::anyhow!(
            "no audit log is collected for tenant {id}: it is {}. `operator tenants show {id}` \
             says why, and what to do",
            tenant.status
        ),
        OperateError::NotCollected => anyhow::anyhow!(
            "no audit log is collected for tenant {id} yet: the collector's next run begins. If \
             it stays so, the collector does not run"
        ),
        OperateError::Store(StoreError::Damaged(_)) => anyhow::anyhow!(
            "tenant {id}: {error}: repair the row, or delete it, and the next run starts again"
        ),
        error => anyhow::anyhow!("tenant {id}: {error}"),
    }
}
