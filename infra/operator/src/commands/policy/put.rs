//! `policy put`: a checked text in the place of the one before. Two operators at once
//! cannot overwrite each other unseen: the version before is a condition of the write.

use auth::ports::{PolicyMode, PolicySource as _, PolicyStore as _, StoredPolicy, Write};
use clap::Args;
use serde::Serialize;

use super::FileArgument;
use super::file::{Checked, lines, read};
use crate::commands::Session;
use crate::console::Console;
use crate::output;

/// What `policy put` takes.
#[derive(Debug, Clone, Args)]
pub struct PutArguments {
    /// Which text.
    #[command(flatten)]
    pub file: FileArgument,
    /// `enforce`, or `audit`: what would be denied is logged and not denied
    #[arg(long, value_name = "MODE", default_value_t)]
    pub mode: PolicyMode,
    /// What the check asks to be confirmed is meant so
    #[arg(long)]
    pub confirm: bool,
}

/// What is stored, in JSON.
#[derive(Serialize)]
struct PutView<'a> {
    version: u64,
    digest: &'a str,
    mode: &'static str,
    /// Whether this command wrote it: the same text in the same mode is not written again.
    changed: bool,
}

pub(super) async fn run(arguments: PutArguments, session: Session<'_, '_>) -> anyhow::Result<()> {
    let private = arguments.file.issuers.private(&session)?;
    let checked = read(&arguments.file.file, &private, session.console)?;
    check_confirmed(&checked, arguments.confirm, session.console)?;
    let place = session.place().await?;
    let platform = place.platform(&place.table_name()?).await;
    let before = platform.table.current().await?;
    let now = platform.clock.now();
    let next = StoredPolicy::following(before.as_ref(), checked.text, arguments.mode, now);
    let same = |before: &StoredPolicy| before.digest == next.digest && before.mode == next.mode;
    let (stored, changed) = match before {
        Some(before) if same(&before) => (before, false),
        _ => {
            let written = platform.table.put(&next).await?;
            check_written(written, next.version)?;
            (next, true)
        }
    };
    let out = &mut *session.console.out;
    match session.json {
        true => output::json(out, &view(&stored, changed)),
        false => Ok(out.write_all(for_a_person(&stored, changed).as_bytes())?),
    }
}

fn check_confirmed(
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

fn view(stored: &StoredPolicy, changed: bool) -> PutView<'_> {
    PutView {
        version: stored.version,
        digest: &stored.digest,
        mode: stored.mode.as_str(),
        changed,
    }
}

fn for_a_person(stored: &StoredPolicy, changed: bool) -> String {
    let StoredPolicy {
        version,
        mode,
        digest,
        ..
    } = stored;
    if !changed {
        return format!("version {version} ({mode}) is this very text: nothing to do.\n");
    }
    let watched = match mode {
        PolicyMode::Enforce => "",
        PolicyMode::Audit => {
            "It is watched, not enforced: look for would_deny=true in the audit log, then put \
             it again with --mode enforce.\n"
        }
    };
    format!(
        "version {version} ({mode}) is stored; its digest in the audit log is {digest}.\n\
         Functions that run take it up within a minute.\n{watched}"
    )
}
