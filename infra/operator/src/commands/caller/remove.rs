//! `caller remove`: a key proves nobody any more. Asks before it acts: it cannot be put
//! back, only a new one made.

use auth::caller::{CallerName, StoredKey};
use auth::ports::StoreError;
use clap::Args;
use serde::Serialize;

use super::NameArgument;
use crate::UsageError;
use crate::commands::Session;
use crate::console::Console;
use crate::output;

/// What `caller remove` takes.
#[derive(Debug, Clone, Args)]
pub struct RemoveArguments {
    /// Which key.
    #[command(flatten)]
    pub caller: NameArgument,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// A removed key in JSON.
#[derive(Serialize)]
struct RemovedView<'a> {
    name: &'a CallerName,
    removed: bool,
}

pub(super) async fn run(
    arguments: RemoveArguments,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let name = &arguments.caller.name;
    if !arguments.yes && session.console.person.is_none() {
        let text =
            format!("nobody can be asked here whether to remove caller key {name}: add --yes");
        return Err(UsageError(text).into());
    }
    let store = session.place().await?.store().await?;
    let key = match store.caller_keys.find_key(name).await {
        Ok(found) => Some(found.ok_or_else(|| missing(name))?),
        // It proves no caller, and can be removed all the same.
        Err(StoreError::Damaged(_)) => None,
        Err(error) => return Err(error.into()),
    };
    if !arguments.yes {
        ask(session.console, name, key.as_ref())?;
    }
    // Gone is gone: somebody else may have been first.
    store.key_book.remove_key(name).await?;
    let out = &mut *session.console.out;
    let removed = true;
    match session.json {
        true => output::json(out, &RemovedView { name, removed }),
        false => Ok(out.write_all(for_a_person(name).as_bytes())?),
    }
}

fn missing(name: &CallerName) -> anyhow::Error {
    anyhow::anyhow!("there is no caller key {name}: compare the name with `operator caller list`")
}

fn ask(
    console: &mut Console<'_>,
    name: &CallerName,
    key: Option<&StoredKey>,
) -> anyhow::Result<()> {
    let used = match key.map(|key| key.last_used_at) {
        Some(Some(at)) => format!("last used about {at}"),
        Some(None) => "never used".to_owned(),
        None => "its row cannot be read".to_owned(),
    };
    let question = format!("Remove caller key {name} ({used})? Its holder will be refused.");
    match console.confirm(&question)? {
        true => Ok(()),
        false => anyhow::bail!("nothing was removed: the answer was not yes"),
    }
}

fn for_a_person(name: &CallerName) -> String {
    format!(
        "caller key {name} is removed.\n\
         Functions that run can take it for up to VEND_STATE_MAX_AGE_SECONDS (30 by default) \
         longer, and tokens that were handed out live to their end.\n\
         A new key of the same name is the same caller to policies.\n"
    )
}
