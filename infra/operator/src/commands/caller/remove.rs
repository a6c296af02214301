//! `caller remove`: a key proves no caller any more. Asks before it acts: it cannot be put
//! back, only a new one made.

use auth::caller::{CallerName, StoredKey};
use auth::ports::StoreError;
use clap::Args;
use serde::Serialize;

use super::name::NameArgument;
use crate::session::Session;

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
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let name = &arguments.caller.name;
    session
        .console
        .check_answerable(arguments.yes, format_args!("remove caller key {name}"))?;
    let store = session.platform().await?.store;
    let key = match store.caller_keys.find_key(name).await {
        Ok(found) => Some(found.ok_or_else(|| missing(name))?),
        // It proves no caller, and can be removed all the same.
        Err(StoreError::Damaged(_)) => None,
        Err(error) => return Err(error.into()),
    };
    if !arguments.yes {
        let question = question(name, key.as_ref());
        session.console.ask(&question, "nothing was removed")?;
    }
    // Gone is gone: another operator may have been first.
    store.key_book.remove_key(name).await?;
    let removed = true;
    session.print(&RemovedView { name, removed }, || for_a_person(name))
}

fn missing(name: &CallerName) -> anyhow::Error {
    anyhow::anyhow!("there is no caller key {name}: compare the name with `operator caller list`")
}

fn question(name: &CallerName, key: Option<&StoredKey>) -> String {
    let used = match key.map(|key| key.last_used_at) {
        Some(Some(at)) => format!("last used about {at}"),
        Some(None) => "never used".to_owned(),
        None => "its row cannot be read".to_owned(),
    };
    format!("Remove caller key {name} ({used})? Its holder will be refused.")
}

fn for_a_person(name: &CallerName) -> String {
    format!(
        "caller key {name} is removed.\n\
         Functions that run can take it for up to VEND_STATE_MAX_AGE_SECONDS (30 by default) \
         longer, and tokens that were handed out live to their end.\n\
         A new key of the same name is the same caller to policies.\n"
    )
}
