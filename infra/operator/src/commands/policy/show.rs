//! `policy show`: the text in force, to the letter, so that what is printed can be put.

use auth::text::printable_lines;
use serde::Serialize;

use super::in_force;
use crate::commands::Session;
use crate::output;

/// What is stored, in JSON.
#[derive(Serialize)]
struct StoredView<'a> {
    version: u64,
    digest: &'a str,
    mode: &'static str,
    put_at: String,
    text: &'a str,
}

pub(super) async fn run(session: Session<'_, '_>) -> anyhow::Result<()> {
    let place = session.place().await?;
    let platform = place.platform(&place.table_name()?).await;
    let stored = in_force(&platform).await?;
    let console = session.console;
    if session.json {
        let view = StoredView {
            version: stored.version,
            digest: &stored.digest,
            mode: stored.mode.as_str(),
            put_at: stored.put_at.to_string(),
            text: &stored.text,
        };
        return output::json(&mut *console.out, &view);
    }
    let (version, mode, put_at) = (stored.version, stored.mode, stored.put_at);
    writeln!(console.err, "version {version} ({mode}), put at {put_at}")?;
    if printable_lines(&stored.text) != stored.text {
        writeln!(
            console.err,
            "? is a character that is not shown: --json has it"
        )?;
    }
    Ok(console.out.write_all(stored.text.as_bytes())?)
}
