//! `keys rotate`: add, wait, promote. The wait can be interrupted: the secret itself says
//! where the rotation stands, and the next run goes on there. Its other forms look at the
//! ring (`--status`) and take a key out of it (`--retire`).

use auth::Timestamp;
use auth::ports::Clock as _;
use auth::ring::{Begun, Rotation};
use aws::{SystemClock, SystemPause};
use clap::Args;
use serde::Serialize;

use super::ring::{UNCHANGED, failed, rotation};
use super::{retire, status};
use crate::session::Session;

/// What `keys rotate` takes.
#[derive(Debug, Clone, Args)]
pub struct RotateArguments {
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Do what can be done now and end, instead of waiting for the rest
    #[arg(long, conflicts_with_all = ["status", "retire"])]
    pub no_wait: bool,
    /// Show the keys, their ages and where a rotation stands; change nothing
    #[arg(long, conflicts_with = "retire")]
    pub status: bool,
    /// Take an old key out of the ring, when no token that it sealed can live any more; or
    /// give up the key that is waiting
    #[arg(long, value_name = "KEY")]
    pub retire: Option<String>,
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
    if arguments.status {
        return status::run(&rotation(&session).await?, session).await;
    }
    session
        .console
        .check_answerable(arguments.yes, "change the sealing ring")?;
    let rotation = rotation(&session).await?;
    match &arguments.retire {
        Some(id) => retire::run(&rotation, id, arguments.yes, session).await,
        None => rotate(&rotation, &arguments, session).await,
    }
}

async fn rotate(
    rotation: &Rotation,
    arguments: &RotateArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    if !arguments.yes {
        session.console.ask(QUESTION, UNCHANGED)?;
    }
    let begun = rotation.begin().await.map_err(failed)?;
    let (id, promote_at) = match begun {
        Begun::First { id } => return session.print(&promoted_view(&id), || first(&id)),
        Begun::Pending { id, promote_at, .. } => (id, promote_at),
    };
    if SystemClock.now() < promote_at {
        let text = waiting(&id, promote_at);
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
    rotation.promote(&id).await.map_err(failed)?;
    session.print(&promoted_view(&id), || promoted(&id))
}

const QUESTION: &str = "Rotate the sealing ring? A key is added, and seals when every function \
                        has read it (about 17 minutes later); tokens sealed before still open.";

fn waiting(id: &str, promote_at: Timestamp) -> String {
    format!(
        "key {id} is in the ring. Functions that run read the ring every 15 minutes: until \
         {promote_at} it seals nothing, so that none meets a key that it does not know. \
         Nothing stands still meanwhile; interrupted, the next run goes on from here.\n"
    )
}

fn first(id: &str) -> String {
    format!("there was no ring: now there is one, and key {id} seals.\n")
}

fn promoted(id: &str) -> String {
    format!(
        "key {id} seals from now on. Older keys stay and open what they sealed; `operator keys \
         rotate --retire KEY` takes one out, a good day later.\n"
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
