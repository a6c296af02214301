//! How an issuer looks: a row for a person, an object for a script that can be put again.

use auth::caller::IssuerEntry;
use serde::Serialize;

use crate::output;

/// An issuer in JSON.
#[derive(Serialize)]
pub(super) struct IssuerView<'a> {
    issuer: &'a str,
    audience: &'a str,
    /// `null`: below the issuer.
    configuration_url: Option<&'a str>,
    private: bool,
}

/// The issuers for a script.
pub(super) fn views(entries: &[IssuerEntry]) -> Vec<IssuerView<'_>> {
    entries.iter().map(view).collect()
}

fn view(entry: &IssuerEntry) -> IssuerView<'_> {
    IssuerView {
        issuer: &entry.issuer,
        audience: &entry.audience,
        configuration_url: entry.configuration_url.as_deref(),
        private: entry.private,
    }
}

/// The issuers for a person.
pub(super) fn table(entries: &[IssuerEntry]) -> String {
    let row = |entry: &IssuerEntry| {
        let place = entry.configuration_url.clone();
        [
            entry.issuer.clone(),
            entry.audience.clone(),
            if entry.private { "yes" } else { "no" }.to_owned(),
            place.unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = entries.iter().map(row).collect();
    output::table(["ISSUER", "AUDIENCE", "PRIVATE", "CONFIGURATION"], &rows)
}
