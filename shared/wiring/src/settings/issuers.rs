//! `VENDING_ISSUERS`: the issuers whose tokens prove a caller, as a JSON list. Nothing is asked
//! of an issuer that is not on it. The operator's `policy` commands read the same list.

use auth::caller::{AllowedIssuer, known_issuer};
use auth::text::shown;
use auth::url_rules::{is_https_or_loopback, is_loopback, leads_inside};
use serde::Deserialize;
use url::Url;

use super::reader::Reader;

const VENDING_ISSUERS: &str = "VENDING_ISSUERS";

/// Why an entry of `VENDING_ISSUERS` cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIssuer {
    /// Not JSON of the right shape.
    #[error(
        "expected JSON: [{{\"issuer\": URL, \"audience\": text, \"configuration_url\": URL (optional), \
         \"private\": true or false (optional)}}]"
    )]
    NotAList,
    /// Not a URL that may be fetched.
    #[error("issuer {}: needs https, or http on loopback", shown(.0))]
    NotHttps(String),
    /// Not a URL as a token's `iss` can hold one.
    #[error("issuer \"{}\": holds white space, which no token's iss does: no token would match", shown(.0))]
    WhiteSpace(String),
    /// An address at which no issuer is, but what a machine tells itself alone.
    #[error("issuer {}: an unspecified or link-local address is no issuer's", shown(.0))]
    Inside(String),
    /// The audience is missing or is one that others use.
    #[error(
        "issuer {}: needs an audience of this broker's own; api://AzureADTokenExchange is \
         Entra ID's, and a token for it could be replayed there", shown(.0)
    )]
    Audience(String),
    /// Declared private, and known to give anybody a token.
    #[error(
        "issuer {}: is {name}, of which anybody can have a token, and cannot be private: \
         leave \"private\" out, and say in the policy whose its workloads are",
        shown(issuer)
    )]
    Shared {
        /// The issuer.
        issuer: String,
        /// Whose it is.
        name: &'static str,
    },
    /// Two entries for one issuer.
    #[error("issuer {} is named twice: one entry, one audience", shown(.0))]
    Doubled(String),
}

#[derive(Deserialize)]
struct IssuerEntry {
    issuer: String,
    audience: String,
    configuration_url: Option<String>,
    #[serde(default)]
    private: bool,
}

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

/// Reads the list of `VENDING_ISSUERS`.
pub fn issuers_from_json(text: &str) -> Result<Vec<AllowedIssuer>, InvalidIssuer> {
    let entries: Vec<IssuerEntry> =
        serde_json::from_str(text).map_err(|_| InvalidIssuer::NotAList)?;
    let mut list = Vec::<AllowedIssuer>::with_capacity(entries.len());
    for entry in entries {
        let issuer = allowed(entry)?;
        if list.iter().any(|other| other.issuer == issuer.issuer) {
            return Err(InvalidIssuer::Doubled(issuer.issuer));
        }
        list.push(issuer);
    }
    Ok(list)
}

fn allowed(entry: IssuerEntry) -> Result<AllowedIssuer, InvalidIssuer> {
    // A URL's parser trims it; `iss` is compared to the letter, and policies name
    // issuer and subject with one space between them.
    if entry.issuer.contains(char::is_whitespace) {
        return Err(InvalidIssuer::WhiteSpace(entry.issuer));
    }
    let configuration = entry.configuration_url.unwrap_or_else(|| {
        let issuer = entry.issuer.trim_end_matches('/');
        format!("{issuer}/.well-known/openid-configuration")
    });
    let configuration_url = Url::parse(&configuration)
        .ok()
        .filter(is_https_or_loopback)
        .ok_or_else(|| InvalidIssuer::NotHttps(entry.issuer.clone()))?;
    if leads_inside(&configuration_url) && !is_loopback(&configuration_url) {
        return Err(InvalidIssuer::Inside(entry.issuer));
    }
    if entry.audience.is_empty() || is_token_exchange(&entry.audience) {
        return Err(InvalidIssuer::Audience(entry.issuer));
    }
    // Fails closed because a permit for a private issuer need not name anybody.
    let shared = known_issuer(&entry.issuer).filter(|known| entry.private && known.shared);
    if let Some(known) = shared {
        return Err(InvalidIssuer::Shared {
            issuer: entry.issuer,
            name: known.name,
        });
    }
    Ok(AllowedIssuer {
        issuer: entry.issuer,
        audience: entry.audience,
        configuration_url,
        private: entry.private,
    })
}

/// Entra ID's audience for workload identity federation, in any cloud's spelling.
fn is_token_exchange(audience: &str) -> bool {
    let prefix = "api://azureadtokenexchange";
    audience.to_ascii_lowercase().starts_with(prefix)
}

#[cfg(test)]
#[path = "issuers_tests.rs"]
mod tests;
