//! `policy …`: who may have what. The checks and the decisions are those of the `policy`
//! crate, as the vending function makes them; here is what a person reads of them.

mod asked;
mod candidate;
mod check;
mod explain;
mod file;
mod history;
mod issuers;
mod put;
mod show;
mod stored;

use auth::operator_action::Deed;
use clap::Subcommand;

pub use self::asked::{AskedAction, AskedRoute, CallerArguments};
pub use self::explain::ExplainArguments;
pub use self::file::FileArgument;
pub use self::history::RollbackArguments;
pub use self::put::PutArguments;
pub use self::show::ShowArguments;
use crate::record::{Recorded, chosen};
use crate::session::Session;
use crate::tenant_name::TenantName;

/// The commands on the policy text.
#[derive(Debug, Clone, Subcommand)]
pub enum PolicyCommand {
    /// Check a policy text: everything that is wrong with it, each with its line
    Check(FileArgument),
    /// Check a policy text and put it in force, in the place of the one before
    ///
    /// Functions that run take it up within a minute. A text that permits more than most
    /// mean to has to be confirmed. With --candidate it is tried beside the text in force
    /// and opens nothing.
    Put(PutArguments),
    /// List the versions that are kept: the one in force, and those that it replaced
    History,
    /// Put the text of an earlier version in force again, as a version of its own
    ///
    /// It is checked as a new text is. Functions that run take it up within a minute.
    Rollback(RollbackArguments),
    /// Remove the candidate; the text in force stays
    DropCandidate,
    /// Print the policy text in force, or the candidate, ready to be edited and put
    Show(ShowArguments),
    /// Say what a caller may have of a tenant, by which policies, or what it lacks
    Explain(ExplainArguments),
}

impl PolicyCommand {
    pub(super) fn tenant(&mut self) -> Option<&mut TenantName> {
        match self {
            PolicyCommand::Explain(arguments) => Some(&mut arguments.tenant),
            _ => None,
        }
    }

    pub(super) fn recorded(&self) -> Recorded {
        match self {
            PolicyCommand::Check(_)
            | PolicyCommand::Show(_)
            | PolicyCommand::History
            | PolicyCommand::Explain(_) => Recorded::Not,
            PolicyCommand::Put(arguments) => Recorded::Always(Deed {
                command: "policy put",
                options: chosen(&[
                    ("candidate", arguments.candidate),
                    ("confirm", arguments.confirm),
                ]),
                ..Deed::default()
            }),
            PolicyCommand::Rollback(arguments) => Recorded::Always(Deed {
                command: "policy rollback",
                options: chosen(&[("confirm", arguments.confirm)]),
                ..Deed::default()
            }),
            PolicyCommand::DropCandidate => Recorded::Always(Deed {
                command: "policy drop-candidate",
                ..Deed::default()
            }),
        }
    }
}

pub(super) async fn run(command: PolicyCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Check(arguments) => check::run(&arguments, session).await,
        PolicyCommand::Put(arguments) => put::run(arguments, session).await,
        PolicyCommand::History => history::list(session).await,
        PolicyCommand::Rollback(arguments) => history::roll_back(arguments, session).await,
        PolicyCommand::DropCandidate => candidate::drop(session).await,
        PolicyCommand::Show(arguments) => show::run(arguments, session).await,
        PolicyCommand::Explain(arguments) => explain::run(arguments, session).await,
    }
}
