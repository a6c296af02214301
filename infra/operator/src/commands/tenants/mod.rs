//! `tenants …`: what the table knows of the connected tenants.

mod change;
mod consent_link;
mod import;
mod list;
mod move_to;
mod recheck;
mod remove;
mod resume;
mod show;
mod suspend;
mod view;

use auth::TenantId;
use clap::{Args, Subcommand};

pub use self::change::ChangeArguments;
pub use self::import::{Format, ImportArguments};
pub use self::list::ListArguments;
pub use self::move_to::MoveArguments;
use super::Session;

/// The commands on tenants.
#[derive(Debug, Clone, Subcommand)]
pub enum TenantsCommand {
    /// List the tenants
    List(ListArguments),
    /// Show all that is known of a tenant, and whose turn it is
    Show(TenantArgument),
    /// Connect tenants that have consented already, each proven by a token
    Import(ImportArguments),
    /// Ask Entra ID now, as the refresher would, and write down what comes
    Recheck(TenantArgument),
    /// Hold a tenant back: its tokens are deleted, none are asked for or handed out
    Suspend(ChangeArguments),
    /// Lift a suspension, after a token has shown that the tenant is still consented
    Resume(TenantArgument),
    /// Bind a tenant, removed or not, to another customer account
    Move(MoveArguments),
    /// Remove a tenant: its tokens are deleted and no more are handed out
    Remove(ChangeArguments),
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
        TenantsCommand::Import(arguments) => import::run(arguments, session).await,
        TenantsCommand::Recheck(arguments) => recheck::run(arguments, session).await,
        TenantsCommand::Suspend(arguments) => suspend::run(arguments, session).await,
        TenantsCommand::Resume(arguments) => resume::run(arguments, session).await,
        TenantsCommand::Move(arguments) => move_to::run(arguments, session).await,
        TenantsCommand::Remove(arguments) => remove::run(arguments, session).await,
    }
}

/// There is no such tenant.
fn not_connected(tenant: TenantId) -> anyhow::Error {
    anyhow::anyhow!(
        "tenant {tenant} is not connected: compare the ID with `operator tenants list`, or \
         have its admin open a consent link (`operator invite`)"
    )
}
