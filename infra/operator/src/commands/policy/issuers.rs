//! Which issuers are private, for the checks of a policy text: the list must be the one of the
//! vending function that will take the text up. Without a list none is private, which fails
//! closed.

use std::path::PathBuf;

use auth::caller::{AllowedIssuer, AllowedIssuers, PrivateIssuers, issuers_from_json};
use auth::text::printable;
use clap::Args;
use wiring::settings::{CONTROL_TABLE_NAME, TABLE_NAME};

use crate::exit::UsageError;
use crate::input::Input;
use crate::listed;
use crate::place::Place;
use crate::session::Session;

/// Where the list of issuers is.
#[derive(Debug, Clone, Default, Args)]
pub struct IssuersArgument {
    /// A list of issuers, as `issuer put` takes it, which says which are private, in place of the
    /// stored list and VENDING_ISSUERS
    #[arg(long, value_name = "FILE")]
    pub issuers: Option<PathBuf>,
}

impl IssuersArgument {
    /// The private ones: of the file, else of the stored list over `VENDING_ISSUERS`, of the
    /// one-machine run or of the environment.
    pub(super) async fn private(
        &self,
        session: &mut Session<'_, '_>,
    ) -> anyhow::Result<PrivateIssuers> {
        if let Some(file) = &self.issuers {
            let Input { name, text } = Input::of_file(file)?;
            let listed = issuers_from_json(&text);
            let listed = listed.map_err(|error| UsageError(format!("{name}: {error}")))?;
            return Ok(PrivateIssuers::of(&listed));
        }
        let first = listed::first(session)?;
        let stored = stored(session).await?;
        Ok(AllowedIssuers::of(stored, &first).private().clone())
    }
}

/// The stored ones, where the command line or the environment says where they are. A text can be
/// checked where they cannot be read.
async fn stored(session: &mut Session<'_, '_>) -> anyhow::Result<Vec<AllowedIssuer>> {
    let is_named = |variable| {
        let option = session.place.in_place_of(variable);
        option.is_some() || (session.environment)(variable).is_some()
    };
    let is_somewhere = session.place.data_dir.is_some() || is_named(TABLE_NAME);
    if !is_somewhere && !is_named(CONTROL_TABLE_NAME) {
        return Ok(Vec::new());
    }
    match read(session).await {
        Ok(stored) => Ok(stored),
        Err(error) => {
            writeln!(
                session.console.err,
                "the stored issuers cannot be read, so that none of them counts as private: {}",
                printable(&error.to_string())
            )?;
            Ok(Vec::new())
        }
    }
}

/// Not by the session's place: to check a text is no deed, and nothing is written down of it.
async fn read(session: &Session<'_, '_>) -> anyhow::Result<Vec<AllowedIssuer>> {
    let place = Place::find(&session.place, session.environment).await?;
    let stored = place.store().await?.issuers.current_issuers().await?;
    Ok(listed::stored(stored.as_ref()))
}
