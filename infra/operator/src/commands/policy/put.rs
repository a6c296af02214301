//! `policy put`: a checked text in the place of the one before. Two operators at once
//! cannot overwrite each other unseen: the version before is a condition of the write. A
//! candidate that is put so is a candidate no more.

use auth::policy::StoredPolicy;
use auth::ports::{StoreError, Write};
use clap::Args;
use serde::Serialize;
use wiring::Platform;

use super::candidate;
use super::file::{Checked, FileArgument, lines};
use crate::console::Console;
use crate::exit::UsageError;
use crate::session::Session;

/// What `policy put` takes.
#[derive(Debug, Clone, Args)]
pub struct PutArguments {
    /// Which text.
    #[command(flatten)]
    pub file: FileArgument,
    /// Try it beside the text in force: what would change is logged, nothing opens
    #[arg(long)]
    pub candidate: bool,
    /// What the check asks to be confirmed is meant so
    #[arg(long)]
    pub confirm: bool,
    /// What older versions took: refused, with what to write instead.
    #[arg(long, value_name = "MODE", hide = true)]
    pub mode: Option<String>,
}

/// What is stored, in JSON.
#[derive(Serialize)]
struct PutView<'a> {
    version: u64,
    digest: &'a str,
    /// Whether this command wrote it: the same text is not written again.
    changed: bool,
    /// Whether it was the candidate, which it is no more.
    promoted: bool,
}

pub(super) async fn run(
    arguments: PutArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    if arguments.mode.is_some() {
        return Err(no_mode().into());
    }
    let checked = arguments.file.read(&mut session).await?;
    check_confirmed(&checked, arguments.confirm, session.console)?;
    let platform = session.platform().await?;
    if arguments.candidate {
        return candidate::put(checked, &platform, session).await;
    }
    put(checked, &platform, &mut session).await
}

/// Puts a checked text in force, and says so.
pub(super) async fn put(
    checked: Checked,
    platform: &Platform,
    session: &mut Session<'_, '_>,
) -> anyhow::Result<()> {
    let before = platform.store.policies.current().await?.in_force;
    let now = platform.clock.now();
    let next = StoredPolicy::following(before.as_ref(), checked.text, now);
    let (stored, changed) = match before {
        Some(before) if before.digest == next.digest => (before, false),
        _ => {
            let written = platform.store.policies.put(&next).await?;
            check_written(written, next.version)?;
            (next, true)
        }
    };
    let promoted = end_candidate(platform, &stored).await?;
    session.print(&view(&stored, changed, promoted), || {
        for_a_person(&stored, changed, promoted)
    })
}

fn no_mode() -> UsageError {
    UsageError(
        "there is no --mode any more: a text that is put is enforced. To see what it would \
         change before that, put it with --candidate"
            .to_owned(),
    )
}

pub(super) fn check_confirmed(
    checked: &Checked,
    confirmed: bool,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let to_confirm = checked.policies.to_confirm();
    if to_confirm.is_empty() || confirmed {
        return Ok(());
    }
    writeln!(console.err, "{}", lines(to_confirm))?;
    anyhow::bail!("nothing was stored: if what is listed is meant so, add --confirm")
}

fn check_written(written: Write, version: u64) -> anyhow::Result<()> {
    anyhow::ensure!(
        written == Write::Done,
        "somebody else has stored version {version} meanwhile, and nothing was written: look \
         at it (`operator policy show`), and put yours again if it is still right"
    );
    Ok(())
}

/// Whether the text in force was the candidate. Another one stays, also where it was put
/// a moment ago.
async fn end_candidate(platform: &Platform, stored: &StoredPolicy) -> Result<bool, StoreError> {
    let dropped = platform.store.policies.drop_candidate(Some(&stored.digest));
    Ok(dropped.await? == Write::Done)
}

fn view(stored: &StoredPolicy, changed: bool, promoted: bool) -> PutView<'_> {
    PutView {
        version: stored.version,
        digest: &stored.digest,
        changed,
        promoted,
    }
}

fn for_a_person(stored: &StoredPolicy, changed: bool, promoted: bool) -> String {
    let StoredPolicy {
        version, digest, ..
    } = stored;
    let mut text = if changed {
        format!(
            "version {version} is stored; its digest in the audit log is {digest}.\n\
             Functions that run take it up within a minute.\n"
        )
    } else {
        format!("version {version} is this very text: nothing to do.\n")
    };
    if promoted {
        text.push_str("It was the candidate; there is none any more.\n");
    }
    text
}
