//! The commands, one file each: its arguments, what it does, what it prints.

pub mod caller;
pub mod certificate;
pub mod invite;
pub mod keys;
pub mod policy;
pub mod tenants;
pub mod token;

use wiring::settings::Lookup;

use crate::arguments::{Arguments, Command, PlaceArguments};
use crate::console::Console;
use crate::place::Place;

/// What every command is given.
pub struct Session<'a, 'c> {
    /// Where to work, as it was asked for.
    pub place: PlaceArguments,
    /// Where variables come from.
    pub environment: Lookup<'a>,
    /// JSON is wanted.
    pub json: bool,
    /// Where to write, and who can be asked.
    pub console: &'a mut Console<'c>,
}

impl Session<'_, '_> {
    /// Where to work. Fails when it is a one-machine run that does not answer.
    pub async fn place(&self) -> anyhow::Result<Place<'_>> {
        Place::find(&self.place, self.environment).await
    }
}

/// Runs the command that was asked for.
pub(crate) async fn run(
    arguments: Arguments,
    environment: Lookup<'_>,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let session = Session {
        place: arguments.place,
        environment,
        json: arguments.json,
        console,
    };
    match arguments.command {
        Command::Caller(command) => caller::run(command, session).await,
        Command::Certificate(command) => certificate::run(command, session).await,
        Command::Invite(arguments) => invite::run(arguments, session).await,
        Command::Keys(command) => keys::run(command, session).await,
        Command::Policy(command) => policy::run(command, session).await,
        Command::Tenants(command) => tenants::run(command, session).await,
        Command::Token(arguments) => token::run(arguments, session).await,
    }
}
