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

pub use self::retire::RetireArguments;
pub use self::ring::RingArguments;
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
    /// Give the sealing ring, or the webhook's or the events', a new key
    ///
    /// Adds it, waits until every function knows it, and makes it the primary one. What older keys
    /// made still holds. Interrupted, it goes on when run again.
    Rotate(RotateArguments),
    /// Show the keys of a ring, their ages and where a rotation stands; never a key
    Status(RingArguments),
    /// Take an old key out of a ring, when nothing that it made can be wanted any more; or give up
    /// the key that is waiting
    Retire(RetireArguments),
}

impl KeysCommand {
    pub(super) fn recorded(&self) -> Recorded {
        match self {
            KeysCommand::Create => Recorded::Always(Deed {
                command: "keys create",
                ..Deed::default()
            }),
            KeysCommand::Rotate(arguments) => {
                let mut options = vec![("no-wait", arguments.no_wait)];
                options.extend(arguments.ring.chosen());
                Recorded::Always(Deed {
                    command: "keys rotate",
                    options: chosen(&options),
                    ..Deed::default()
                })
            }
            KeysCommand::Status(ring) => Recorded::Always(Deed {
                command: "keys status",
                options: chosen(&ring.chosen()),
                ..Deed::default()
            }),
            KeysCommand::Retire(arguments) => Recorded::Always(Deed {
                command: "keys retire",
                name: Some(shown(&arguments.key).to_string()),
                options: chosen(&arguments.ring.chosen()),
                ..Deed::default()
            }),
        }
    }
}

pub(super) async fn run(command: KeysCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        KeysCommand::Create => create::run(session).await,
        KeysCommand::Rotate(arguments) => rotate::run(arguments, session).await,
        KeysCommand::Status(ring) => status::run(&ring, session).await,
        KeysCommand::Retire(arguments) => retire::run(arguments, session).await,
    }
}
