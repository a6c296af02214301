//! `issuer put`: a checked list over the stored one. Every entry is added or takes the place of
//! its old one; the others stay.

use auth::caller::IssuerEntry;
use clap::Args;

use super::change::{self, Change};
use super::file::FileArgument;
use crate::session::Session;

/// What `issuer put` takes.
#[derive(Debug, Clone, Args)]
pub struct PutArguments {
    /// Which list.
    #[command(flatten)]
    pub file: FileArgument,
    /// FILE is the whole list: remove what it does not name
    #[arg(long)]
    pub only: bool,
}

pub(super) async fn run(
    arguments: PutArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let named = arguments.file.read(session.console)?;
    let platform = session.platform().await?;
    let before = change::stored(&platform).await?;
    let entries = if arguments.only {
        named
    } else {
        over(change::entries(before.as_ref())?, named)
    };
    let change = Change::new(before, entries, &platform);
    change.write(&platform, &mut session).await?;
    let view = change.view();
    session.print(&view, || view.to_text())
}

fn over(stored: Vec<IssuerEntry>, named: Vec<IssuerEntry>) -> Vec<IssuerEntry> {
    let is_named = |entry: &IssuerEntry| named.iter().any(|one| one.issuer == entry.issuer);
    let stays = stored.into_iter().filter(|entry| !is_named(entry));
    let mut entries: Vec<_> = stays.collect();
    entries.extend(named);
    entries
}
