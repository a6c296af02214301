//! Which issuers are private, for the checks of a policy text: the list must be the one of the
//! vending function that will take the text up. Without a list none is private, which fails
//! closed.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use auth::caller::PrivateIssuers;
use auth::text::{decoded, shown_path};
use clap::Args;
use wiring::settings::issuers_from_json;

use crate::UsageError;
use crate::commands::Session;
use crate::place::setting_of_run;

const VENDING_ISSUERS: &str = "VENDING_ISSUERS";

/// Where the list of issuers is.
#[derive(Debug, Clone, Default, Args)]
pub struct IssuersArgument {
    /// The list of issuers that the vending function has, as in VENDING_ISSUERS: which of
    /// them are private; of a one-machine run its own
    #[arg(long, value_name = "FILE")]
    pub issuers: Option<PathBuf>,
}

impl IssuersArgument {
    /// The private ones: of the file, else of the one-machine run, else of the environment.
    pub(super) fn private(&self, session: &Session<'_, '_>) -> anyhow::Result<PrivateIssuers> {
        let (text, source) = match (&self.issuers, &session.place.data_dir) {
            (Some(file), _) => {
                let name = shown_path(file).to_string();
                let bytes = fs::read(file).with_context(|| format!("{name} cannot be read"))?;
                (Some(decoded(&bytes).with_context(|| name.clone())?), name)
            }
            (None, Some(directory)) => {
                let text = setting_of_run(directory, VENDING_ISSUERS);
                (text, "VENDING_ISSUERS of the run".to_owned())
            }
            (None, None) => (
                (session.environment)(VENDING_ISSUERS),
                VENDING_ISSUERS.to_owned(),
            ),
        };
        let Some(text) = text else {
            return Ok(PrivateIssuers::default());
        };
        let listed = issuers_from_json(&text);
        let listed = listed.map_err(|error| UsageError(format!("{source}: {error}")))?;
        Ok(PrivateIssuers::of(&listed))
    }
}
