//! `keys …`: the broker's own keys. The rules are those of [`auth::ring`] and
//! [`auth::first_keys`]; here is who is asked, and what is printed.

mod create;
mod retire;
mod ring;
mod rotate;
mod status;

use clap::Subcommand;

pub use self::rotate::RotateArguments;
use crate::session::Session;

/// The commands on the broker's own keys.
#[derive(Debug, Clone, Subcommand)]
pub enum KeysCommand {
    /// Make the first keys of a new deployment: the consent function's, and the sealing ring
    ///
    /// Fills the secrets that have no value; one that has a value is left as it is. Can be
    /// run again at any time.
    Create,
    /// Give the sealing ring a new key: add it, wait until every function knows it, let it
    /// seal. What older keys sealed still opens. Interrupted, it goes on when run again
    Rotate(RotateArguments),
}

pub(super) async fn run(command: KeysCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        KeysCommand::Create => create::run(session).await,
        KeysCommand::Rotate(arguments) => rotate::run(arguments, session).await,
    }
}
