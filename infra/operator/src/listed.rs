//! Which issuers functions take, as far as it can be known here: the stored list over the first
//! ones of `VENDING_ISSUERS`, which a one-machine run has written down and a shell may have.

use auth::caller::{AllowedIssuer, issuers_from_json};
use auth::issuers::StoredIssuers;

use crate::exit::UsageError;
use crate::place::setting_of_run;
use crate::session::Session;

const VENDING_ISSUERS: &str = "VENDING_ISSUERS";

/// The issuers of the one-machine run's `VENDING_ISSUERS`, else of the environment's; none where
/// it is not set.
pub(crate) fn first(session: &Session<'_, '_>) -> anyhow::Result<Vec<AllowedIssuer>> {
    let (text, source) = match &session.place.data_dir {
        Some(directory) => (
            setting_of_run(directory, VENDING_ISSUERS),
            "VENDING_ISSUERS of the run",
        ),
        None => ((session.environment)(VENDING_ISSUERS), VENDING_ISSUERS),
    };
    let listed = text.as_deref().map(issuers_from_json).transpose();
    let listed = listed.map_err(|error| UsageError(format!("{source}: {error}")))?;
    Ok(listed.unwrap_or_default())
}

/// The issuers of a stored list, as functions take them: none of one that they refuse.
pub(crate) fn stored(list: Option<&StoredIssuers>) -> Vec<AllowedIssuer> {
    let allowed = list.and_then(|list| list.allowed().ok());
    allowed.unwrap_or_default()
}
