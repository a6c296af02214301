//! `caller list`: which keys there are, and when they were used. For a person a table, for
//! a script one JSON array. Fails, after the list, where rows cannot be read.

use auth::caller::{CallerName, StoredKey};
use serde::Serialize;

use crate::commands::Session;
use crate::output;

/// A key in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct KeyView<'a> {
    name: &'a CallerName,
    created_at: String,
    /// Noted at most once an hour; none where it was never used.
    last_used_at: Option<String>,
}

pub(super) async fn run(session: Session<'_, '_>) -> anyhow::Result<()> {
    let place = session.place().await?;
    let list = place.store().await?.key_book.list_keys().await?;
    let (console, keys) = (session.console, &list.keys);
    match session.json {
        true => output::json(
            &mut *console.out,
            &keys.iter().map(view).collect::<Vec<_>>(),
        )?,
        false => console.out.write_all(for_a_person(keys).as_bytes())?,
    }
    output::refuse_damaged(&mut *console.err, &list.damaged)
}

fn view(key: &StoredKey) -> KeyView<'_> {
    KeyView {
        name: &key.name,
        created_at: key.created_at.to_string(),
        last_used_at: key.last_used_at.map(|at| at.to_string()),
    }
}

fn for_a_person(keys: &[StoredKey]) -> String {
    if keys.is_empty() {
        return "no caller keys\n".to_owned();
    }
    let rows: Vec<_> = keys.iter().map(row).collect();
    output::table(["NAME", "CREATED", "LAST USED (TO THE HOUR)"], &rows)
}

fn row(key: &StoredKey) -> [String; 3] {
    let last_used = key.last_used_at.map(|at| at.to_string());
    [
        key.name.to_string(),
        key.created_at.to_string(),
        last_used.unwrap_or_default(),
    ]
}
