//! `tenants …`: what the table knows of the connected tenants.

pub(crate) mod change;
mod import;
pub(crate) mod link;
pub(crate) mod list;
mod move_to;
pub(crate) mod recheck;
pub(crate) mod remove;
pub(crate) mod resume;
mod show;
mod suspend;
mod tag;
pub(super) mod tenant;
mod view;
pub(crate) mod which;

use auth::operator_action::Deed;
use clap::Subcommand;

pub use self::change::ChangeArguments;
pub use self::import::{Format, ImportArguments, Row, read_rows};
pub use self::list::ListArguments;
pub use self::move_to::MoveArguments;
pub use self::tag::TagArguments;
pub use self::tenant::TenantArgument;
pub use self::which::Which;
use crate::record::{Recorded, chosen};
use crate::session::Session;
use crate::tenant_name::TenantName;

/// The commands on tenants.
#[derive(Debug, Clone, Subcommand)]
pub enum TenantsCommand {
    /// List the tenants
    List(ListArguments),
    /// Show all that is known of a tenant, whose turn it is, and what to do
    ///
    /// Changes nothing, and never shows a token. Where an admin of the tenant has to consent
    /// (again), `tenants link` makes the link.
    Show(TenantArgument),
    /// Make a consent link for the admin of this very tenant
    ///
    /// It is bound to the tenant's customer account and cloud, and can be used once, within
    /// 7 days. The link is a secret of the person it is sent to; it is printed now and kept
    /// nowhere.
    Link(TenantArgument),
    /// Connect tenants that have consented already, each proven by a token
    ///
    /// Everything that is wrong with the file is printed before anything is asked. Then each
    /// tenant is asked for at Entra ID and bound to its customer account, in the cloud that it
    /// lives in as Microsoft says, else in that of its row. Tenants that are
    /// connected and active are passed over, so that an import can be run again: it goes on
    /// where it stopped. A tenant that was suspended, removed, or bound to another account
    /// is refused. The import stops by itself where every further tenant would fail in the
    /// same way. Ends with 1 when a tenant was refused or not tried.
    Import(ImportArguments),
    /// Ask Entra ID for a token now, and write down what comes
    ///
    /// The outcome is written as the refresher writes it: a token is kept and heals the
    /// tenant, a consent that is gone revokes it, a fault on our side changes nothing. Ends with
    /// 1 when there is no token. Says so where Microsoft says that the tenant lives in another
    /// cloud than it is connected in.
    Recheck(TenantArgument),
    /// Hold a tenant back: its tokens are deleted, none are asked for or handed out
    Suspend(ChangeArguments),
    /// Lift a suspension, after a token has shown that the tenant is still consented
    Resume(TenantArgument),
    /// Bind a tenant, removed or not, to another customer account
    ///
    /// Its tokens stay; who may have them follows the new account. No consent link can do
    /// this.
    Move(MoveArguments),
    /// Label a tenant, for policies and lists
    Tag(TagArguments),
    /// Remove a tenant: its tokens are deleted and no more are handed out
    ///
    /// It stays bound to its customer account, so that a removal is no way to take it over.
    Remove(ChangeArguments),
}

impl TenantsCommand {
    pub(super) fn tenant(&mut self) -> Option<&mut TenantName> {
        let of = match self {
            TenantsCommand::List(_) | TenantsCommand::Import(_) => return None,
            TenantsCommand::Show(of)
            | TenantsCommand::Link(of)
            | TenantsCommand::Recheck(of)
            | TenantsCommand::Resume(of) => of,
            TenantsCommand::Suspend(change) | TenantsCommand::Remove(change) => &mut change.tenant,
            TenantsCommand::Move(arguments) => &mut arguments.change.tenant,
            TenantsCommand::Tag(arguments) => &mut arguments.tenant,
        };
        Some(&mut of.tenant)
    }

    pub(super) fn recorded(&self) -> Recorded {
        match self {
            TenantsCommand::List(_) | TenantsCommand::Show(_) => Recorded::Not,
            TenantsCommand::Link(of) => on("tenants link", &of.tenant),
            TenantsCommand::Import(arguments) => Recorded::Always(Deed {
                command: "tenants import",
                options: chosen(&[("dry-run", arguments.dry_run)]),
                ..Deed::default()
            }),
            TenantsCommand::Recheck(of) => on("tenants recheck", &of.tenant),
            TenantsCommand::Suspend(change) => on("tenants suspend", &change.tenant.tenant),
            TenantsCommand::Resume(of) => on("tenants resume", &of.tenant),
            TenantsCommand::Move(arguments) => Recorded::Always(Deed {
                customer: Some(arguments.to.clone()),
                ..deed("tenants move", &arguments.change.tenant.tenant)
            }),
            TenantsCommand::Tag(arguments) => on("tenants tag", &arguments.tenant.tenant),
            TenantsCommand::Remove(change) => on("tenants remove", &change.tenant.tenant),
        }
    }
}

fn on(command: &'static str, tenant: &TenantName) -> Recorded {
    Recorded::Always(deed(command, tenant))
}

fn deed(command: &'static str, tenant: &TenantName) -> Deed {
    Deed {
        command,
        tenant: Some(tenant.id()),
        ..Deed::default()
    }
}

pub(super) async fn run(command: TenantsCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        TenantsCommand::List(arguments) => list::run(arguments, session).await,
        TenantsCommand::Show(arguments) => show::run(arguments, session).await,
        TenantsCommand::Link(arguments) => link::run(arguments, session).await,
        TenantsCommand::Import(arguments) => import::run(arguments, session).await,
        TenantsCommand::Recheck(arguments) => recheck::run(arguments, session).await,
        TenantsCommand::Suspend(arguments) => suspend::run(arguments, session).await,
        TenantsCommand::Resume(arguments) => resume::run(arguments, session).await,
        TenantsCommand::Move(arguments) => move_to::run(arguments, session).await,
        TenantsCommand::Tag(arguments) => tag::run(arguments, session).await,
        TenantsCommand::Remove(arguments) => remove::run(arguments, session).await,
    }
}
