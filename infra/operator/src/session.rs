//! What every command works with: its place, its console, and how its result is printed.

use std::rc::Rc;

use serde::Serialize;
use wiring::Platform;
use wiring::settings::Lookup;

use crate::console::Console;
use crate::output;
use crate::place::{Place, PlaceArguments};
use crate::record::Record;

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
    /// The whole command line, for what describes it.
    pub(crate) command_line: fn() -> clap::Command,
    /// What is written down of the command.
    pub(crate) record: Rc<Record>,
}

impl<'a> Session<'a, '_> {
    /// Where to work, after what is done there was written down. Fails when it is a one-machine
    /// run that does not answer.
    pub async fn place(&self) -> anyhow::Result<Place<'a>> {
        let place = Place::find(&self.place, self.environment).await?;
        self.record.at(&place, self.environment).await?;
        Ok(place)
    }

    /// The same of a command that reads on where nothing can be written down: it asks for the
    /// record itself, before what may not be done without it.
    pub(crate) async fn unrecorded_place(&self) -> anyhow::Result<Place<'a>> {
        Place::find(&self.place, self.environment).await
    }

    /// The place's platform, for commands that need no setting but the tables' names.
    pub async fn platform(&self) -> anyhow::Result<Platform> {
        let place = self.place().await?;
        Ok(place.platform(&place.tables()?).await)
    }

    /// Prints the result: `view` as JSON for a script, or the text for a person.
    pub fn print(
        &mut self,
        view: &impl Serialize,
        for_a_person: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        if self.json {
            return output::json(self.console.out, view);
        }
        Ok(self.console.out.write_all(for_a_person().as_bytes())?)
    }
}
