//! `VENDING_ISSUERS`: the first issuers whose tokens prove a caller, as a JSON list. The operator's
//! stored list stands over it.

use auth::caller::{AllowedIssuer, issuers_from_json};

use super::reader::Reader;

const VENDING_ISSUERS: &str = "VENDING_ISSUERS";

/// The list of the settings; none where it is not set.
pub(super) fn read_issuers(reader: &mut Reader<'_>) -> Vec<AllowedIssuer> {
    let Some(text) = reader.text(VENDING_ISSUERS) else {
        return Vec::new();
    };
    issuers_from_json(&text).unwrap_or_else(|error| {
        reader.problem(VENDING_ISSUERS, error);
        Vec::new()
    })
}
