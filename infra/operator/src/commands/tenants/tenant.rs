//! Which tenant a command is about, and what the table has of it.

use auth::{Tenant, TenantId};
use clap::Args;
use wiring::Platform;

use crate::tenant_name::TenantName;

/// A command on one tenant.
#[derive(Debug, Clone, Args)]
pub struct TenantArgument {
    /// The tenant's ID, or a domain of it
    #[arg(value_name = "TENANT")]
    pub tenant: TenantName,
}

/// The tenant as it stands.
pub(crate) async fn find(platform: &Platform, id: TenantId) -> anyhow::Result<Tenant> {
    let found = platform.store.tenants.find(id).await?;
    found.ok_or_else(|| not_connected(id))
}

/// There is no such tenant.
fn not_connected(tenant: TenantId) -> anyhow::Error {
    anyhow::anyhow!(
        "tenant {tenant} is not connected: compare the ID with `operator tenants list`, or \
         have its admin open a consent link (`operator invite`)"
    )
}
