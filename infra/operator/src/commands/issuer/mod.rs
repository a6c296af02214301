//! `issuer …`: the OpenID Connect issuers whose tokens prove a caller. Listing one lets no caller
//! in: a policy does.

mod change;
mod check;
mod file;
mod list;
mod put;
mod remove;
mod view;

use auth::operator_action::Deed;
use auth::text::shown;
use clap::Subcommand;

pub use self::file::FileArgument;
pub use self::put::PutArguments;
pub use self::remove::RemoveArguments;
use crate::record::{Recorded, chosen};
use crate::session::Session;

/// The commands on callers' issuers.
#[derive(Debug, Clone, Subcommand)]
pub enum IssuerCommand {
    /// Check a list of issuers: everything that is wrong with it
    Check(FileArgument),
    /// Check a list of issuers and store it: each is added, or takes the place of its old entry
    ///
    /// Functions that run take it up within a minute. Issuers that FILE does not name stay as
    /// they are, unless --only is given.
    Put(PutArguments),
    /// List the stored issuers
    List,
    /// Remove an issuer: its tokens are refused within a minute
    Remove(RemoveArguments),
}

impl IssuerCommand {
    pub(super) fn recorded(&self) -> Recorded {
        match self {
            IssuerCommand::Check(_) | IssuerCommand::List => Recorded::Not,
            IssuerCommand::Put(arguments) => Recorded::Always(Deed {
                command: "issuer put",
                options: chosen(&[("only", arguments.only)]),
                ..Deed::default()
            }),
            IssuerCommand::Remove(arguments) => Recorded::Always(Deed {
                command: "issuer remove",
                name: Some(shown(&arguments.issuer).to_string()),
                ..Deed::default()
            }),
        }
    }
}

pub(super) async fn run(command: IssuerCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        IssuerCommand::Check(arguments) => check::run(&arguments, session),
        IssuerCommand::Put(arguments) => put::run(arguments, session).await,
        IssuerCommand::List => list::run(session).await,
        IssuerCommand::Remove(arguments) => remove::run(arguments, session).await,
    }
}
