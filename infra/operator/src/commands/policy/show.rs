//! `policy show`: the text in force or the candidate, to the letter, so that what is printed
//! can be put.

use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::text::{printable, printable_lines};
use clap::Args;
use serde::Serialize;

use super::history;
use super::stored::no_policy;
use crate::console::Console;
use crate::output;
use crate::session::Session;

/// What `policy show` takes.
#[derive(Debug, Clone, Args)]
pub struct ShowArguments {
    /// Print the candidate's text instead of the one in force
    #[arg(long)]
    pub candidate: bool,
    /// Print the text of this version, which may be replaced
    #[arg(long, value_name = "N", conflicts_with = "candidate")]
    pub version: Option<u64>,
}

/// What is stored, in JSON.
#[derive(Serialize)]
struct StoredView<'a> {
    version: u64,
    digest: &'a str,
    put_at: String,
    text: &'a str,
    candidate: Option<CandidateView<'a>>,
}

#[derive(Serialize)]
struct CandidateView<'a> {
    digest: &'a str,
    put_at: String,
    text: &'a str,
}

impl<'a> From<&'a CandidatePolicy> for CandidateView<'a> {
    fn from(candidate: &'a CandidatePolicy) -> Self {
        Self {
            digest: &candidate.digest,
            put_at: candidate.put_at.to_string(),
            text: &candidate.text,
        }
    }
}

pub(super) async fn run(arguments: ShowArguments, session: Session<'_, '_>) -> anyhow::Result<()> {
    let platform = session.platform().await?;
    let stored = platform.store.policies.current().await?;
    let (json, console) = (session.json, session.console);
    if let Some(version) = arguments.version {
        let policy = history::version(&platform, version).await?;
        return show(&policy, None, json, console);
    }
    if arguments.candidate {
        let candidate = stored.candidate?.ok_or_else(no_candidate)?;
        return show_candidate(&candidate, json, console);
    }
    let in_force = stored.in_force.ok_or_else(no_policy)?;
    // The text in force is shown also where the candidate is damaged.
    match stored.candidate {
        Ok(candidate) => show(&in_force, candidate.as_ref(), json, console),
        Err(error) => {
            let error = printable(&error.to_string());
            writeln!(
                console.err,
                "the candidate: {error}; remove it: operator policy drop-candidate"
            )?;
            show(&in_force, None, json, console)
        }
    }
}

fn no_candidate() -> anyhow::Error {
    anyhow::anyhow!("there is no candidate: put one with `operator policy put FILE --candidate`")
}

fn show_candidate(
    candidate: &CandidatePolicy,
    json: bool,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    if json {
        return output::json(&mut *console.out, &CandidateView::from(candidate));
    }
    let CandidatePolicy { digest, put_at, .. } = candidate;
    writeln!(console.err, "candidate {digest}, put at {put_at}")?;
    print_text(&candidate.text, console)
}

fn show(
    stored: &StoredPolicy,
    candidate: Option<&CandidatePolicy>,
    json: bool,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    if json {
        let view = StoredView {
            version: stored.version,
            digest: &stored.digest,
            put_at: stored.put_at.to_string(),
            text: &stored.text,
            candidate: candidate.map(CandidateView::from),
        };
        return output::json(&mut *console.out, &view);
    }
    let (version, put_at) = (stored.version, stored.put_at);
    writeln!(console.err, "version {version}, put at {put_at}")?;
    if let Some(CandidatePolicy { digest, put_at, .. }) = candidate {
        writeln!(
            console.err,
            "candidate {digest}, put at {put_at}: operator policy show --candidate"
        )?;
    }
    print_text(&stored.text, console)
}

fn print_text(text: &str, console: &mut Console<'_>) -> anyhow::Result<()> {
    if printable_lines(text) != text {
        writeln!(
            console.err,
            "? is a character that is not shown: --json has it"
        )?;
    }
    Ok(console.out.write_all(text.as_bytes())?)
}
