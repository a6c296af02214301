//! `keys rotate`: add, wait, promote. The wait can be interrupted: the secret itself says
//! where the rotation stands, and the next run goes on there.

use auth::Timestamp;
use auth::ports::Clock as _;
use auth::ring::{Begun, Rotation};
use aws::{SystemClock, SystemPause};
use serde::Serialize;

use super::{RotateArguments, ask, failed};
use crate::commands::Session;
use crate::output;

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
    rotation: &Rotation,
    arguments: &RotateArguments,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    if !arguments.yes {
        ask(session.console, QUESTION)?;
    }
    let begun = rotation.begin().await.map_err(failed)?;
    let (id, promote_at) = match begun {
        Begun::First { id } => return tell(session, &id, None, &first(&id)),
        Begun::Pending { id, promote_at, .. } => (id, promote_at),
    };
    if SystemClock.now() < promote_at {
        if arguments.no_wait {
            let text = waiting(&id, promote_at) + "Run this command again then.\n";
            return tell(session, &id, Some(promote_at), &text);
        }
        if !session.json {
            let text = waiting(&id, promote_at);
            session.console.err.write_all(text.as_bytes())?;
            session.console.err.flush()?;
        }
        rotation.wait(promote_at, &SystemPause).await;
    }
    rotation.promote(&id).await.map_err(failed)?;
    tell(session, &id, None, &promoted(&id))
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

fn tell(
    session: Session<'_, '_>,
    key: &str,
    promote_at: Option<Timestamp>,
    text: &str,
) -> anyhow::Result<()> {
    let view = RotatedView {
        state: match promote_at {
            Some(_) => "pending",
            None => "promoted",
        },
        key,
        promote_at: promote_at.map(|at| at.to_string()),
    };
    let out = &mut *session.console.out;
    match session.json {
        true => output::json(out, &view),
        false => Ok(out.write_all(text.as_bytes())?),
    }
}
