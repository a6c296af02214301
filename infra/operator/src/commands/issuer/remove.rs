//! `issuer remove`: an issuer's tokens prove no caller any more. Asks before it acts.

use auth::text::shown;
use clap::Args;
use serde::Serialize;

use super::change::{self, Change};
use crate::listed;
use crate::session::Session;

/// What `issuer remove` takes.
#[derive(Debug, Clone, Args)]
pub struct RemoveArguments {
    /// The issuer, as the list has it
    #[arg(value_name = "ISSUER")]
    pub issuer: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// A removed issuer in JSON.
#[derive(Serialize)]
struct RemovedView<'a> {
    issuer: &'a str,
    removed: bool,
    version: u64,
}

pub(super) async fn run(
    arguments: RemoveArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let issuer = &*arguments.issuer;
    session.console.check_answerable(
        arguments.yes,
        format_args!("remove issuer {}", shown(issuer)),
    )?;
    let platform = session.platform().await?;
    let before = change::stored(&platform).await?;
    let mut entries = change::entries(before.as_ref())?;
    let is_there = entries.iter().any(|entry| entry.issuer == issuer);
    let first = listed::first(&session)?;
    let is_first = first.iter().any(|entry| entry.issuer == issuer);
    anyhow::ensure!(is_there, missing(issuer, is_first));
    if !arguments.yes {
        let question = format!(
            "Remove issuer {}? Its tokens will be refused.",
            shown(issuer)
        );
        session.console.ask(&question, "nothing was removed")?;
    }
    entries.retain(|entry| entry.issuer != issuer);
    let change = Change::new(before, entries, &platform);
    change.write(&platform, &mut session).await?;
    let (removed, version) = (true, change.version());
    let view = RemovedView {
        issuer,
        removed,
        version,
    };
    session.print(&view, || for_a_person(issuer, is_first))
}

fn missing(issuer: &str, is_first: bool) -> String {
    let issuer = shown(issuer);
    if is_first {
        return format!(
            "issuer {issuer} is not in the stored list but in VENDING_ISSUERS: take it out there, \
             and restart"
        );
    }
    format!(
        "issuer {issuer} is not in the stored list: compare it, to the letter, with `operator \
         issuer list`"
    )
}

fn for_a_person(issuer: &str, is_first: bool) -> String {
    let after = if is_first {
        "Its entry of VENDING_ISSUERS holds from now on: take it out there as well."
    } else {
        "An entry of VENDING_ISSUERS for it would hold from now on."
    };
    format!(
        "issuer {} is removed.\n\
         Functions that run can take its tokens for up to POLICY_MAX_AGE_SECONDS (60 by default) \
         longer, and tokens that were handed out live to their end.\n{after}\n",
        shown(issuer)
    )
}
