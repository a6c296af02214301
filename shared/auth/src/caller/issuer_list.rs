//! Lists of issuers: read from JSON, checked as a whole, and put together for whoever checks a
//! caller's token.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::issuers::{AllowedIssuer, ISSUERS_MAX, InvalidIssuer, IssuerEntry};
use super::private_issuers::PrivateIssuers;

/// Everything that is wrong with a list of issuers, one text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InvalidIssuers(pub Vec<InvalidIssuer>);

impl fmt::Display for InvalidIssuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&problems.join("; "))
    }
}

/// Reads a list that a person wrote: the value of `VENDING_ISSUERS`, or a file.
pub fn issuers_from_json(text: &str) -> Result<Vec<AllowedIssuer>, InvalidIssuers> {
    allowed_issuers(&entries_from_json(text)?)
}

/// The entries of a list that a person wrote, checked as far as they can be alone: no field is
/// unknown. Whether they can be taken says [`allowed_issuers`].
pub fn entries_from_json(text: &str) -> Result<Vec<IssuerEntry>, InvalidIssuers> {
    let entries = stored_entries(text)?;
    let unknown = entries.iter().flat_map(IssuerEntry::unknown_fields);
    let unknown: Vec<_> = unknown.collect();
    match unknown.is_empty() {
        true => Ok(entries),
        false => Err(InvalidIssuers(unknown)),
    }
}

/// The entries of a stored list, which may have fields of a later version.
pub(crate) fn stored_entries(text: &str) -> Result<Vec<IssuerEntry>, InvalidIssuers> {
    serde_json::from_str(text).map_err(|_| InvalidIssuers(vec![InvalidIssuer::NotAList]))
}

/// Checks a list; everything that is wrong with it together.
pub fn allowed_issuers(entries: &[IssuerEntry]) -> Result<Vec<AllowedIssuer>, InvalidIssuers> {
    let (mut allowed, mut problems) = (Vec::<AllowedIssuer>::new(), Vec::new());
    if entries.len() > ISSUERS_MAX {
        problems.push(InvalidIssuer::TooMany(entries.len()));
    }
    for entry in entries {
        match AllowedIssuer::new(entry) {
            Ok(issuer) if allowed.iter().any(|other| other.issuer == issuer.issuer) => {
                problems.push(InvalidIssuer::Doubled(issuer.issuer));
            }
            Ok(issuer) => allowed.push(issuer),
            Err(more) => problems.extend(more),
        }
    }
    match problems.is_empty() {
        true => Ok(allowed),
        false => Err(InvalidIssuers(problems)),
    }
}

/// The issuers whose tokens are taken, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedIssuers {
    by_name: BTreeMap<String, Arc<AllowedIssuer>>,
    private: PrivateIssuers,
}

impl AllowedIssuers {
    /// Those of both lists. Where an issuer is in both, the entry of `stored` holds: the operator
    /// changes it without a deployment.
    pub fn of(stored: Vec<AllowedIssuer>, first: &[AllowedIssuer]) -> Self {
        let all = first.iter().cloned().chain(stored);
        let by_name: BTreeMap<_, _> = all
            .map(|issuer| (issuer.issuer.clone(), Arc::new(issuer)))
            .collect();
        let private = PrivateIssuers::of(by_name.values().map(Arc::as_ref));
        Self { by_name, private }
    }

    /// The entry of an issuer, by its name to the letter.
    pub fn find(&self, issuer: &str) -> Option<&Arc<AllowedIssuer>> {
        self.by_name.get(issuer)
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<AllowedIssuer>> {
        self.by_name.values()
    }

    /// Those that are declared private.
    pub fn private(&self) -> &PrivateIssuers {
        &self.private
    }
}

#[cfg(test)]
#[path = "issuer_list_tests.rs"]
mod tests;
