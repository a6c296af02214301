//! `policy …`: who may have what. The checks and the decisions are those of the `policy`
//! crate, as the vending function makes them; here is what a person reads of them.

mod asked;
mod candidate;
mod check;
mod explain;
mod file;
mod issuers;
mod put;
mod show;
mod stored;

use clap::Subcommand;

pub use self::asked::{AskedAction, AskedRoute, CallerArguments};
pub use self::explain::ExplainArguments;
pub use self::file::FileArgument;
pub use self::put::PutArguments;
pub use self::show::ShowArguments;
use crate::session::Session;

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
    /// Remove the candidate; the text in force stays
    DropCandidate,
    /// Print the policy text in force, or the candidate, ready to be edited and put
    Show(ShowArguments),
    /// Say what a caller may have of a tenant, by which policies, or what it lacks
    Explain(ExplainArguments),
}

pub(super) async fn run(command: PolicyCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Check(arguments) => check::run(&arguments, session).await,
        PolicyCommand::Put(arguments) => put::run(arguments, session).await,
        PolicyCommand::DropCandidate => candidate::drop(session).await,
        PolicyCommand::Show(arguments) => show::run(arguments, session).await,
        PolicyCommand::Explain(arguments) => explain::run(arguments, session).await,
    }
}
