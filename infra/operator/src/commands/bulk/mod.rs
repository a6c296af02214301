//! `bulk …`: what `tenants …` does to one tenant, done to many.
//!
//! | file | what |
//! |---|---|
//! | `targets.rs`, `file.rs` | which tenants |
//! | `verbs.rs` | what is done to one |
//! | `work.rs` | to all of them, several at a time, until it is done, stopped or interrupted |
//! | `report.rs` | what became of them |

mod file;
mod report;
mod targets;
mod verbs;
mod work;

use auth::operator_action::Deed;
use auth::tenant::{Tag, TagKey};
use clap::{Args, Subcommand};

pub use self::targets::Targets;
use self::verbs::Verb;
use crate::commands::progress::Progress;
use crate::record::{Recorded, chosen};
use crate::session::Session;

/// The commands on many tenants.
#[derive(Debug, Clone, Subcommand)]
pub enum BulkCommand {
    /// Ask Entra ID for a token of each now, and write down what comes
    Recheck(Targets),
    /// Hold them back: their tokens are deleted, none are asked for or handed out
    Suspend(Targets),
    /// Lift their suspensions, each after a token has shown that the tenant is still consented
    Resume(Targets),
    /// Set labels, or take them away
    Tag(TagTargets),
    /// Make a consent link for the admin of each: CSV, or JSON with --json
    ///
    /// A link is a secret of the person it is sent to. They are printed now and kept nowhere.
    Link(Targets),
    /// Remove them: their tokens are deleted and no more are handed out
    Remove(Targets),
}

/// What `bulk tag` takes.
#[derive(Debug, Clone, Args)]
pub struct TagTargets {
    /// Which tenants.
    #[command(flatten)]
    pub targets: Targets,
    /// A tag to set
    #[arg(long, value_name = "KEY=VALUE", required_unless_present = "unset")]
    pub set: Vec<Tag>,
    /// A tag to take away
    #[arg(long, value_name = "KEY")]
    pub unset: Vec<TagKey>,
}

impl BulkCommand {
    fn targets(&self) -> &Targets {
        match self {
            BulkCommand::Tag(tag) => &tag.targets,
            BulkCommand::Recheck(targets)
            | BulkCommand::Suspend(targets)
            | BulkCommand::Resume(targets)
            | BulkCommand::Link(targets)
            | BulkCommand::Remove(targets) => targets,
        }
    }

    pub(super) fn recorded(&self) -> Recorded {
        let command = match self {
            BulkCommand::Recheck(_) => "bulk recheck",
            BulkCommand::Suspend(_) => "bulk suspend",
            BulkCommand::Resume(_) => "bulk resume",
            BulkCommand::Tag(_) => "bulk tag",
            BulkCommand::Link(_) => "bulk link",
            BulkCommand::Remove(_) => "bulk remove",
        };
        let targets = self.targets();
        Recorded::Always(Deed {
            command,
            customer: targets.which.customer.clone(),
            options: chosen(&targets.words()),
            ..Deed::default()
        })
    }
}

pub(super) async fn run(command: BulkCommand, mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let targets = command.targets().clone();
    let named = targets.check(session.console)?;
    let place = session.place().await?;
    let verb = Verb::of(&command, &place).await?;
    if !targets.dry_run {
        let deed = format!("{} them", verb.words().verb);
        session.console.check_answerable(targets.yes, deed)?;
    }
    let found = targets.find(named, verb.platform()).await?;
    if targets.dry_run {
        return report::dry_run(&found, verb.words(), &mut session);
    }
    if !targets.yes && !found.rows.is_empty() {
        let question = report::question(&found, verb.words());
        let unchanged = format!("no tenant was {}", verb.words().done);
        session.console.ask(&question, &unchanged)?;
    }
    let bar = session.console.progress && !session.json;
    let progress = Progress::new(found.rows.len(), bar);
    let done = work::run(&verb, found, targets.concurrency.into(), &progress).await;
    progress.end();
    report::print(&done, verb.words(), &mut session)?;
    report::refuse(&done, verb.words())
}
