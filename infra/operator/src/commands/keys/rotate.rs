//! `keys rotate`: add, wait, promote. The wait can be interrupted: the secret itself says
//! where the rotation stands, and the next run goes on there.

use auth::Timestamp;
use auth::ports::Clock as _;
use auth::ring::{Begun, Rotation};
use aws::{SystemClock, SystemPause};
use clap::Args;
use serde::Serialize;

use super::ring::{RingArguments, Words, failed, rotation};
use crate::session::Session;

/// What `keys rotate` takes.
#[derive(Debug, Clone, Args)]
pub struct RotateArguments {
    /// Which ring.
    #[command(flatten)]
    pub ring: RingArguments,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Do what can be done now and end, instead of waiting for the rest
    #[arg(long)]
    pub no_wait: bool,
}

/// Where the rotation stands in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct RotatedView<'a> {
    /// `pending` or `promoted`.
    state: &'static str,
    key: &'a str,
    /// From then on the next run promotes the key; only while it is pending.
    promote_at: Option<String>,
}

pub(super) async fn run(
    arguments: RotateArguments,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let words = arguments.ring.words();
    session
        .console
        .check_answerable(arguments.yes, format!("change {}", words.ring))?;
    let rotation = rotation(&session, words).await?;
    rotate((&rotation, words), &arguments, session).await
}

async fn rotate(
    (rotation, words): (&Rotation, &Words),
    arguments: &RotateArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    if !arguments.yes {
        let question = format!("Rotate {}? {}", words.ring, words.rotation);
        session.console.ask(&question, &words.unchanged())?;
    }
    let begun = rotation
        .begin()
        .await
        .map_err(|error| failed(error, words))?;
    let (id, promote_at) = match begun {
        Begun::First { id } => return session.print(&promoted_view(&id), || first(&id, words)),
        Begun::Pending { id, promote_at, .. } => (id, promote_at),
    };
    if SystemClock.now() < promote_at {
        let text = waiting(&id, promote_at, words);
        if arguments.no_wait {
            let view = pending_view(&id, promote_at);
            return session.print(&view, || text + "Run this command again then.\n");
        }
        if !session.json {
            session.console.err.write_all(text.as_bytes())?;
            session.console.err.flush()?;
        }
        rotation.wait(promote_at, &SystemPause).await;
    }
    rotation
        .promote(&id)
        .await
        .map_err(|error| failed(error, words))?;
    session.print(&promoted_view(&id), || promoted(&id, words))
}

fn waiting(id: &str, promote_at: Timestamp, words: &Words) -> String {
    format!(
        "key {id} is in the ring. Functions that run read the ring every 15 minutes: until \
         {promote_at} it {}, so that none meets a key that it does not know. \
         Nothing stands still meanwhile; interrupted, the next run goes on from here.\n",
        words.does_nothing
    )
}

fn first(id: &str, words: &Words) -> String {
    let does = words.does;
    format!("there was no ring: now there is one, and key {id} {does}.\n")
}

fn promoted(id: &str, words: &Words) -> String {
    format!(
        "key {id} {} from now on. Older keys stay and {}; `{}` takes one out, a \
         good day later.\n",
        words.does,
        words.older,
        words.other("retire KEY")
    )
}

fn pending_view(key: &str, promote_at: Timestamp) -> RotatedView<'_> {
    RotatedView {
        state: "pending",
        key,
        promote_at: Some(promote_at.to_string()),
    }
}

fn promoted_view(key: &str) -> RotatedView<'_> {
    RotatedView {
        state: "promoted",
        key,
        promote_at: None,
    }
}
