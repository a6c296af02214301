//! `keys status`: which keys there are, how old they are, and where a rotation
//! stands. Never a key.

use auth::Timestamp;
use auth::ports::Clock as _;
use auth::ring::{KeyFacts, KeyRole, RingBook, Rotation};
use auth::text::printable;
use aws::SystemClock;
use serde::Serialize;

use super::ring::{RingArguments, Words, failed, rotation};
use crate::output;
use crate::session::Session;

const DAY: u64 = 24 * 60 * 60;

/// The ring in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct RingView {
    primary: String,
    primary_since: Option<String>,
    pending: Option<String>,
    /// From then on the pending key can be promoted.
    promote_at: Option<String>,
    keys: Vec<RingKeyView>,
}

/// One of its keys.
#[derive(Serialize)]
struct RingKeyView {
    id: String,
    role: KeyRole,
    /// None where it was not written down.
    added_at: Option<String>,
}

pub(super) async fn run(
    arguments: &RingArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let words = arguments.words();
    let rotation = &rotation(&session, words).await?;
    let book = rotation.look().await;
    let book = book.map_err(|error| failed(error, words))?;
    session.print(&view(rotation, &book), || {
        for_a_person(rotation, &book, words)
    })
}

fn promote_at(rotation: &Rotation, book: &RingBook) -> Option<Timestamp> {
    book.pending()
        .map(|(_, added_at)| added_at + rotation.read_within)
}

fn view(rotation: &Rotation, book: &RingBook) -> RingView {
    let text = |at: Timestamp| at.to_string();
    RingView {
        primary: book.primary().to_owned(),
        primary_since: book.primary_since().map(text),
        pending: book.pending().map(|(id, _)| id.to_owned()),
        promote_at: promote_at(rotation, book).map(text),
        keys: book
            .keys()
            .map(|key| RingKeyView {
                added_at: key.added_at.map(text),
                id: key.id,
                role: key.role,
            })
            .collect(),
    }
}

fn for_a_person(rotation: &Rotation, book: &RingBook, words: &Words) -> String {
    let now = SystemClock.now();
    let rows: Vec<_> = book.keys().map(|key| row(key, now, words)).collect();
    let count = match rows.len() {
        1 => "1 key".to_owned(),
        count => format!("{count} keys"),
    };
    let since = match book.primary_since() {
        Some(since) => format!(" since {since}"),
        None => String::new(),
    };
    let (primary, does) = (printable(book.primary()), words.does);
    let mut text = format!("{count}; {primary} {does}{since}\n\n");
    text += &output::table(["KEY", "ROLE", "ADDED", "AGE"], &rows);
    if let (Some((id, _)), Some(at)) = (book.pending(), promote_at(rotation, book)) {
        let id = printable(id);
        text += &format!(
            "\n`{}` makes {id} the primary one from {at} on\n",
            words.command
        );
    }
    text
}

fn row(key: KeyFacts, now: Timestamp, words: &Words) -> [String; 4] {
    let [primary, pending, older] = words.roles;
    let role = match key.role {
        KeyRole::Primary => primary,
        KeyRole::Pending => pending,
        KeyRole::Older => older,
    };
    let age = key.added_at.map(|at| match at.seconds_until(now) / DAY {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    });
    [
        key.id,
        role.to_owned(),
        key.added_at.map(|at| at.to_string()).unwrap_or_default(),
        age.unwrap_or_default(),
    ]
}
