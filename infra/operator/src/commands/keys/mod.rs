//! `keys …`: the keys of our own. The rules are those of [`auth::ring`] and
//! [`auth::first_keys`]; here is who is asked, and what is told.

mod create;
mod retire;
mod rotate;
mod status;

use std::sync::Arc;

use auth::ports::DeployedSecret;
use auth::ring::{Rotation, RotationError};
use aws::{RING_READ_WITHIN, SystemClock, SystemRandom};
use clap::{Args, Subcommand};

use super::Session;
use crate::UsageError;
use crate::console::Console;
use crate::place::read_secret_name;

/// The commands on keys of our own.
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

/// What `keys rotate` takes.
#[derive(Debug, Clone, Args)]
pub struct RotateArguments {
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Do what can be done now and end, instead of waiting for the rest
    #[arg(long, conflicts_with_all = ["status", "retire"])]
    pub no_wait: bool,
    /// Show the keys, their ages and where a rotation stands; change nothing
    #[arg(long, conflicts_with = "retire")]
    pub status: bool,
    /// Take an old key out of the ring, when no token that it sealed can live any more; or
    /// give up the key that is waiting
    #[arg(long, value_name = "KEY")]
    pub retire: Option<String>,
}

pub(super) async fn run(command: KeysCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        KeysCommand::Create => create::run(session).await,
        KeysCommand::Rotate(arguments) => rotate_or_look(arguments, session).await,
    }
}

async fn rotate_or_look(
    arguments: RotateArguments,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    if !arguments.status {
        check_answerable(arguments.yes, session.console)?;
    }
    let rotation = rotation(&session).await?;
    match (&arguments.retire, arguments.status) {
        (Some(id), _) => retire::run(&rotation, id, arguments.yes, session).await,
        (None, true) => status::run(&rotation, session).await,
        (None, false) => rotate::run(&rotation, &arguments, session).await,
    }
}

async fn rotation(session: &Session<'_, '_>) -> anyhow::Result<Rotation> {
    let place = session.place().await?;
    let name = place.settings(|reader| read_secret_name(DeployedSecret::SealingRing, reader))?;
    let store = place.secret_store().await;
    Ok(Rotation {
        source: store.source,
        sink: store.sink,
        name,
        read_within: RING_READ_WITHIN,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    })
}

/// Refuses a command that would have to ask where nobody can be asked.
fn check_answerable(yes: bool, console: &Console<'_>) -> Result<(), UsageError> {
    match yes || console.person.is_some() {
        true => Ok(()),
        false => Err(UsageError(
            "nobody can be asked here whether to change the sealing ring: add --yes".to_owned(),
        )),
    }
}

/// Asks; anything but yes changes nothing.
fn ask(console: &mut Console<'_>, question: &str) -> anyhow::Result<()> {
    match console.confirm(question)? {
        true => Ok(()),
        false => anyhow::bail!("the sealing ring was not changed: the answer was not yes"),
    }
}

/// What the use case does not know: how the command is put right.
fn failed(error: RotationError) -> anyhow::Error {
    let advice = match &error {
        RotationError::Secret(_) => "",
        RotationError::TooEarly { .. } => ": run it again then",
        RotationError::Overtaken(_) | RotationError::NoSuchKey(_) => {
            ": look at it with `operator keys rotate --status`"
        }
        RotationError::IsPrimary(_) => ": rotate first, so that another one seals",
        RotationError::StillNeeded { .. } => ": retire it then",
        RotationError::UnknownAge(_) => ": rotate first, which writes it down",
    };
    anyhow::anyhow!("{error}{advice}")
}
