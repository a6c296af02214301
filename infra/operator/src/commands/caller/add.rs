//! `caller add`: a new key, printed once. The table keeps its hash alone.

use auth::caller::{CallerKey, CallerName};
use auth::ports::random_bytes;
use serde::Serialize;

use super::NameArgument;
use crate::commands::Session;
use crate::output;

/// A new key in JSON.
#[derive(Serialize)]
struct AddedView<'a> {
    name: &'a CallerName,
    key: &'a str,
}

pub(super) async fn run(arguments: NameArgument, session: Session<'_, '_>) -> anyhow::Result<()> {
    let place = session.place().await?;
    let platform = place.platform(&place.table_name()?).await;
    let key = CallerKey::new(arguments.name, random_bytes(platform.random.as_ref()));
    let now = platform.clock.now();
    let added = platform
        .store
        .key_book
        .add_key(key.name(), &key.hash(), now)
        .await?;
    if !added {
        anyhow::bail!(
            "there is a caller key {0} already, and it cannot be shown again: choose another \
             name, or remove it first (`operator caller remove {0}`)",
            key.name()
        );
    }
    let out = &mut *session.console.out;
    match session.json {
        true => output::json(out, &view(&key)),
        false => Ok(out.write_all(for_a_person(&key).as_bytes())?),
    }
}

fn view(key: &CallerKey) -> AddedView<'_> {
    AddedView {
        name: key.name(),
        key: key.expose(),
    }
}

fn for_a_person(key: &CallerKey) -> String {
    format!(
        "{}\n\n\
         It is the key of caller {name}: whoever has it is that caller. It is not shown again; \
         only its hash is kept.\n\
         What {name} may have is said by the policy. `operator caller remove {name}` takes the \
         key back.\n",
        key.expose(),
        name = key.name()
    )
}
