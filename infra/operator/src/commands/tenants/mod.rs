//! `tenants …`: what the table knows of the connected tenants.

pub mod list;
pub mod remove;
pub mod show;
mod view;

use auth::TenantId;
use clap::{Args, Subcommand};

use super::Session;

/// The commands on tenants.
#[derive(Debug, Clone, Subcommand)]
pub enum TenantsCommand {
    /// List the tenants
    List(list::ListArguments),
    /// Show all that is known of a tenant, and whose turn it is
    Show(TenantArgument),
    /// Remove a tenant: its tokens are deleted and no more are handed out
    Remove(remove::RemoveArguments),
}

/// A command on one tenant.
#[derive(Debug, Clone, Args)]
pub struct TenantArgument {
    /// The tenant's ID, a GUID
    #[arg(value_name = "TENANT")]
    pub tenant: TenantId,
}

pub(super) async fn run(command: TenantsCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        TenantsCommand::List(arguments) => list::run(arguments, session).await,
        TenantsCommand::Show(arguments) => show::run(arguments, session).await,
        TenantsCommand::Remove(arguments) => remove::run(arguments, session).await,
    }
}

/// There is no such tenant.
fn not_connected(tenant: TenantId) -> anyhow::Error {
    anyhow::anyhow!(
        "tenant {tenant} is not connected: compare the ID with `operator tenants list`, or \
         have its admin open the consent link"
    )
}
