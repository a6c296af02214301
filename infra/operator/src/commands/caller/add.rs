//! `caller add`: a new key, printed once. The table keeps its hash alone.

use auth::caller::{CallerKey, CallerName};
use auth::ports::random_bytes;
use serde::Serialize;

use super::name::NameArgument;
use crate::session::Session;

/// A new key in JSON.
#[derive(Serialize)]
struct AddedView<'a> {
    name: &'a CallerName,
    key: &'a str,
}

pub(super) async fn run(
    arguments: NameArgument,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let platform = session.platform().await?;
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
    session.print(&view(&key), || for_a_person(&key))
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
         It is the key of caller {name}: who has it is that caller. It is not shown again; \
         only its hash is kept.\n\
         What {name} may have is said by the policy. `operator caller remove {name}` takes the \
         key back.\n",
        key.expose(),
        name = key.name()
    )
}
