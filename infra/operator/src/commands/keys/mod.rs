//! `keys …`: the broker's own keys. The rules are those of [`auth::ring`] and
//! [`auth::first_keys`]; here is who is asked, and what is printed.

mod create;
mod retire;
mod ring;
mod rotate;
mod status;

use auth::operator_action::Deed;
use auth::text::shown;
use clap::Subcommand;

pub use self::rotate::RotateArguments;
use crate::record::{Recorded, chosen};
use crate::session::Session;

/// The commands on the broker's own keys.
#[derive(Debug, Clone, Subcommand)]
pub enum KeysCommand {
    /// Make the first keys of a new deployment: the consent function's, the sealing ring, and the
    /// webhook's; the events' too, where there is a webhook for them
    ///
    /// Fills the secrets that have no value; one that has a value is left as it is. Can be
    /// run again at any time.
    Create,
    /// Give the sealing ring, the webhook's or the events', a new key: add it, wait until every function knows
    /// it, make it the primary one. What older keys made still holds. Interrupted, it goes on when
    /// run again
    Rotate(RotateArguments),
}

impl KeysCommand {
    pub(super) fn recorded(&self) -> Recorded {
        match self {
            KeysCommand::Create => Recorded::Always(Deed {
                command: "keys create",
                ..Deed::default()
            }),
            KeysCommand::Rotate(arguments) => {
                let options = [
                    ("status", arguments.status),
                    ("no-wait", arguments.no_wait),
                    ("retire", arguments.retire.is_some()),
                    ("webhook", arguments.webhook),
                    ("events", arguments.events),
                ];
                Recorded::Always(Deed {
                    command: "keys rotate",
                    name: arguments.retire.as_ref().map(|id| shown(id).to_string()),
                    options: chosen(&options),
                    ..Deed::default()
                })
            }
        }
    }
}

pub(super) async fn run(command: KeysCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        KeysCommand::Create => create::run(session).await,
        KeysCommand::Rotate(arguments) => rotate::run(arguments, session).await,
    }
}
