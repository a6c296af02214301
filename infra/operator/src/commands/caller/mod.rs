//! `caller …`: the keys of callers that have no token of their own cloud. What a caller
//! may have is no business of its key: policies say it, by the key's name.

mod add;
mod list;
mod name;
mod remove;

use auth::operator_action::Deed;
use clap::Subcommand;

pub use self::name::NameArgument;
pub use self::remove::RemoveArguments;
use crate::record::Recorded;
use crate::session::Session;

/// The commands on caller keys.
#[derive(Debug, Clone, Subcommand)]
pub enum CallerCommand {
    /// Make a caller key and print it, once
    Add(NameArgument),
    /// List the caller keys: their names and when they were used, never the keys
    List,
    /// Remove a caller key: it is refused from then on
    Remove(RemoveArguments),
}

impl CallerCommand {
    pub(super) fn recorded(&self) -> Recorded {
        let named = |command, caller: &NameArgument| {
            Recorded::Always(Deed {
                command,
                name: Some(caller.name.to_string()),
                ..Deed::default()
            })
        };
        match self {
            CallerCommand::Add(arguments) => named("caller add", arguments),
            CallerCommand::List => Recorded::Not,
            CallerCommand::Remove(arguments) => named("caller remove", &arguments.caller),
        }
    }
}

pub(super) async fn run(command: CallerCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        CallerCommand::Add(arguments) => add::run(arguments, session).await,
        CallerCommand::List => list::run(session).await,
        CallerCommand::Remove(arguments) => remove::run(arguments, session).await,
    }
}
