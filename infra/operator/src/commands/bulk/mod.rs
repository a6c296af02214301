//! `bulk …`: what `tenants …` does to one tenant, done to many.
//!
//! | file | what |
//! |---|---|
//! | `command.rs` | the commands |
//! | `targets.rs`, `file.rs` | which tenants |
//! | `verbs.rs` | what is done to one |
//! | `work.rs` | to all of them, several at a time, until it is done, stopped or interrupted |
//! | `report.rs` | what became of them |

mod command;
mod file;
mod report;
mod targets;
mod verbs;
mod work;

pub use self::command::{BulkCommand, TagTargets};
pub use self::targets::Targets;
use self::verbs::Verb;
use crate::commands::progress::Progress;
use crate::session::Session;

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
    let ended = report::refuse(&done, verb.words());
    // A reader that has enough is no reason to say that all was done.
    match report::print(&done, verb.words(), &mut session) {
        Ok(()) => ended,
        Err(unprinted) => ended.and(Err(unprinted)),
    }
}
