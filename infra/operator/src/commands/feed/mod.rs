//! `feed …`: the audit logs of the tenants: how they stand, what is missing, and what the operator
//! does about it. What the commands say they do is a word in a tenant's row; the collector's next
//! run does what follows (decision 0061).

mod backfill;
pub(crate) mod fleet;
mod following;
mod gaps;
mod hold;
pub(super) mod place;
mod purge;
mod status;
pub(super) mod view;

use auth::operator_action::Deed;
use clap::Subcommand;

pub use self::backfill::BackfillArguments;
pub use self::gaps::GapsArguments;
pub use self::hold::HoldArguments;
pub use self::purge::PurgeArguments;
pub use self::status::StatusArguments;
use crate::record::{Recorded, chosen};
use crate::session::Session;
use crate::tenant_name::TenantName;

/// The commands on audit logs.
#[derive(Debug, Clone, Subcommand)]
pub enum FeedCommand {
    /// Show how the audit logs stand: lag, what was listed, stored and lost, causes and what to do
    ///
    /// Totals first, then the causes, then the tenants that are worst. With --tenant everything
    /// about one. LAG is how long the oldest second that waits to be stored has been ready.
    Status(StatusArguments),
    /// List what is not stored: what waits, with its times, and what is lost for good
    Gaps(GapsArguments),
    /// List a time once more, and store what is found new in it
    ///
    /// Marks the time as not listed; the collector takes it in its next run. What is stored
    /// already is known by its contentIds and not stored again. Microsoft keeps content for seven days.
    /// Then shows how far it is until it is done; Ctrl-C ends the showing alone.
    Backfill(BackfillArguments),
    /// Stop collecting, until it is resumed
    ///
    /// The subscriptions go on: what was made in the last seven days before it is resumed is then
    /// collected. What is older than that is lost, and counted.
    Pause(HoldArguments),
    /// Collect again what was paused, or was leaving
    Resume(HoldArguments),
    /// Delete all that is stored of a tenant's audit log, for good
    ///
    /// Every version of its objects, and the ledger's rows. Says first how much that is, and asks. Of
    /// a tenant that is paused or not active alone; one that is resumed is collected from then on.
    /// It works in the bucket that FEED_BUCKET and FEED_PREFIX name.
    Purge(PurgeArguments),
}

impl FeedCommand {
    pub(super) fn tenant(&mut self) -> Option<&mut TenantName> {
        match self {
            FeedCommand::Status(arguments) => arguments.tenant.as_mut(),
            FeedCommand::Gaps(arguments) => arguments.tenant.as_mut(),
            FeedCommand::Backfill(arguments) => Some(&mut arguments.tenant),
            FeedCommand::Pause(arguments) | FeedCommand::Resume(arguments) => {
                arguments.tenant.as_mut()
            }
            FeedCommand::Purge(arguments) => Some(&mut arguments.tenant),
        }
    }

    pub(super) fn recorded(&self) -> Recorded {
        let held = |command, of: &HoldArguments| {
            Recorded::Always(Deed {
                command,
                tenant: of.tenant.as_ref().map(TenantName::id),
                options: chosen(&[("all", of.all)]),
                ..Deed::default()
            })
        };
        match self {
            FeedCommand::Status(_) | FeedCommand::Gaps(_) => Recorded::Not,
            FeedCommand::Backfill(arguments) => Recorded::Always(arguments.deed()),
            FeedCommand::Pause(arguments) => held("feed pause", arguments),
            FeedCommand::Resume(arguments) => held("feed resume", arguments),
            FeedCommand::Purge(arguments) => Recorded::Always(arguments.deed()),
        }
    }
}

pub(super) async fn run(command: FeedCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        FeedCommand::Status(arguments) => status::run(arguments, session).await,
        FeedCommand::Gaps(arguments) => gaps::run(arguments, session).await,
        FeedCommand::Backfill(arguments) => backfill::run(arguments, session).await,
        FeedCommand::Pause(arguments) => hold::run(hold::PAUSE, arguments, session).await,
        FeedCommand::Resume(arguments) => hold::run(hold::RESUME, arguments, session).await,
        FeedCommand::Purge(arguments) => purge::run(arguments, session).await,
    }
}
