//! `keys rotate --retire KEY`: takes a key out of the ring that no living token needs. Asks
//! before it acts, and looks again after the answer: a person may think for hours.

use auth::ring::Rotation;
use auth::text::printable;
use serde::Serialize;

use super::{ask, failed};
use crate::commands::Session;
use crate::output;

/// A retired key in JSON.
#[derive(Serialize)]
struct RetiredView<'a> {
    retired: &'a str,
    primary: &'a str,
    /// How many keys the ring has now.
    keys: usize,
}

pub(super) async fn run(
    rotation: &Rotation,
    id: &str,
    yes: bool,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    if !yes {
        let book = rotation.look().await.map_err(failed)?;
        rotation.check_retirable(&book, id).map_err(failed)?;
        let question = format!(
            "Take key {} out of the sealing ring? What it sealed does not open any more.",
            printable(id)
        );
        ask(session.console, &question)?;
    }
    let book = rotation.retire(id).await.map_err(failed)?;
    let out = &mut *session.console.out;
    let (primary, keys) = (book.primary(), book.keys().count());
    match session.json {
        true => output::json(
            out,
            &RetiredView {
                retired: id,
                primary,
                keys,
            },
        ),
        false => {
            let (id, primary) = (printable(id), printable(primary));
            let text = format!(
                "key {id} is out of the ring; {primary} seals, and the ring has {keys} in all.\n\
                 The secret's version before this one still holds it.\n"
            );
            Ok(out.write_all(text.as_bytes())?)
        }
    }
}
