//! `keys retire KEY`: takes a key out of the ring that no living token needs. Asks
//! before it acts, and looks again after the answer: a person may think for hours.

use auth::text::printable;
use clap::Args;
use serde::Serialize;

use super::ring::{RingArguments, Words, failed, rotation};
use crate::session::Session;

/// A retired key in JSON.
#[derive(Serialize)]
struct RetiredView<'a> {
    retired: &'a str,
    primary: &'a str,
    /// How many keys the ring has now.
    keys: usize,
}

/// What `keys retire` takes.
#[derive(Debug, Clone, Args)]
pub struct RetireArguments {
    /// The key, as `keys status` names it
    #[arg(value_name = "KEY")]
    pub key: String,
    /// Which ring.
    #[command(flatten)]
    pub ring: RingArguments,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

pub(super) async fn run(
    RetireArguments { key, ring, yes }: RetireArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let (words, id) = (ring.words(), key.as_str());
    session
        .console
        .check_answerable(yes, format!("change {}", words.ring))?;
    let rotation = &rotation(&session, words).await?;
    if !yes {
        let book = rotation
            .look()
            .await
            .map_err(|error| failed(error, words))?;
        rotation
            .check_retirable(&book, id)
            .map_err(|error| failed(error, words))?;
        let question = format!(
            "Take key {} out of {}? {}",
            printable(id),
            words.ring,
            words.retired
        );
        session.console.ask(&question, &words.unchanged())?;
    }
    let book = rotation
        .retire(id)
        .await
        .map_err(|error| failed(error, words))?;
    let view = RetiredView {
        retired: id,
        primary: book.primary(),
        keys: book.keys().count(),
    };
    session.print(&view, || for_a_person(&view, words))
}

fn for_a_person(view: &RetiredView<'_>, words: &Words) -> String {
    let (id, primary) = (printable(view.retired), printable(view.primary));
    format!(
        "key {id} is out of the ring; {primary} {}, and the ring has {} in all.\n\
         The secret's version before this one still holds it.\n",
        words.does, view.keys
    )
}
