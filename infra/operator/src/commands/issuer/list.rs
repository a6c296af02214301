//! `issuer list`: the stored issuers. Fails, after the list, where functions do not take it.

use auth::caller::IssuerEntry;
use auth::issuers::StoredIssuers;
use serde::Serialize;

use super::file;
use super::view::{IssuerView, table, views};
use crate::session::Session;

/// The stored list in JSON; all `null` where none was ever put.
#[derive(Serialize)]
struct ListView<'a> {
    version: Option<u64>,
    digest: Option<&'a str>,
    put_at: Option<String>,
    issuers: Vec<IssuerView<'a>>,
}

pub(super) async fn run(mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let store = session.platform().await?.store;
    let stored = store.issuers.current_issuers().await?;
    let entries = stored.as_ref().map(StoredIssuers::entries).transpose();
    let entries = match entries {
        Ok(entries) => entries.unwrap_or_default(),
        Err(problems) => {
            file::print(&problems, session.console)?;
            return Err(not_taken());
        }
    };
    let view = ListView {
        version: stored.as_ref().map(|stored| stored.version),
        digest: stored.as_ref().map(|stored| stored.digest.as_str()),
        put_at: stored.as_ref().map(|stored| stored.put_at.to_string()),
        issuers: views(&entries),
    };
    session.print(&view, || for_a_person(stored.as_ref(), &entries))?;
    match stored.map(|stored| stored.allowed()) {
        None | Some(Ok(_)) => Ok(()),
        Some(Err(problems)) => {
            file::print(&problems, session.console)?;
            Err(not_taken())
        }
    }
}

fn not_taken() -> anyhow::Error {
    anyhow::anyhow!(
        "functions do not take the stored list, and soon no issuer's token: put a sound one in \
         its place (`operator issuer put FILE --only`)"
    )
}

fn for_a_person(stored: Option<&StoredIssuers>, entries: &[IssuerEntry]) -> String {
    let Some(StoredIssuers { version, .. }) = stored else {
        return "no list of issuers is stored: functions take those of VENDING_ISSUERS alone\n"
            .to_owned();
    };
    format!(
        "{}version {version}; functions take those of VENDING_ISSUERS besides\n",
        table(entries)
    )
}
