//! The OpenID Connect issuers whose tokens prove a caller, and what an entry must be to be one of
//! them: the one rule for `VENDING_ISSUERS`, an operator's file and the stored list. Nothing is
//! asked of an issuer that is not on the list.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::known_issuers::known_issuer;
use crate::text::shown;
use crate::url_rules::{is_https_or_loopback, is_loopback, leads_inside};

/// So many issuers a list has at most: each can cost a function two fetches every quarter of an
/// hour, and the memory of its keys.
pub const ISSUERS_MAX: usize = 200;
/// Bytes of each field of an entry. With [`ISSUERS_MAX`] it keeps the stored list below the
/// 400 KB of an item (Amazon DynamoDB, "Quotas").
const FIELD_MAX: usize = 400;

/// An issuer as a person writes it down: of `VENDING_ISSUERS`, of a file, of the stored list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerEntry {
    /// The `iss` claim.
    pub issuer: String,
    /// The `aud` claim.
    pub audience: String,
    /// Where the discovery document is, unless it is below the issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration_url: Option<String>,
    /// Declared private.
    #[serde(default)]
    pub private: bool,
    /// Fields that this version does not know. A person's are refused; a later version's stay
    /// in the stored list.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// An OIDC issuer whose tokens prove a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedIssuer {
    /// The `iss` claim, compared to the letter.
    pub issuer: String,
    /// The audience that its tokens must carry: one of this broker's own.
    pub audience: String,
    /// Where its discovery document is: `{issuer}/.well-known/openid-configuration`
    /// unless the entry says otherwise (a cluster whose issuer URL is not reachable).
    pub configuration_url: Url,
    /// `"private": true`: everyone who has a token of it belongs to the operator, so that a
    /// policy may permit its workloads by any claim.
    pub private: bool,
}

/// Why an entry, or a list of entries, cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIssuer {
    /// Not JSON of the right shape.
    #[error(
        "expected JSON: [{{\"issuer\": URL, \"audience\": text, \"configuration_url\": URL (optional), \
         \"private\": true or false (optional)}}]"
    )]
    NotAList,
    /// A field that an entry does not have.
    #[error(
        "issuer {}: has no field \"{}\": issuer, audience, configuration_url and private are all",
        shown(issuer),
        shown(field)
    )]
    UnknownField {
        /// The issuer.
        issuer: String,
        /// The field.
        field: String,
    },
    /// A field longer than any that is needed.
    #[error("issuer {}: {field} is longer than {FIELD_MAX} bytes", shown(issuer))]
    TooLong {
        /// The issuer.
        issuer: String,
        /// The field.
        field: &'static str,
    },
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
    /// More entries than [`ISSUERS_MAX`].
    #[error("{0} issuers: a list has {ISSUERS_MAX} at most")]
    TooMany(usize),
    /// The stored list was changed behind its digest.
    #[error("the stored list has not the digest that was stored with it")]
    NotItsDigest,
}

impl AllowedIssuer {
    /// Checks an entry; everything that is wrong with it together.
    pub fn new(entry: &IssuerEntry) -> Result<Self, Vec<InvalidIssuer>> {
        let (configuration_url, mut problems) = match configuration_url(entry) {
            Ok(url) => (Some(url), Vec::new()),
            Err(problem) => (None, vec![problem]),
        };
        problems.extend(too_long(entry));
        // A URL's parser trims it; `iss` is compared to the letter, and policies name
        // issuer and subject with one space between them.
        if entry.issuer.contains(char::is_whitespace) {
            problems.push(InvalidIssuer::WhiteSpace(entry.issuer.clone()));
        }
        if entry.audience.is_empty() || is_token_exchange(&entry.audience) {
            problems.push(InvalidIssuer::Audience(entry.issuer.clone()));
        }
        problems.extend(shared(entry));
        match configuration_url {
            Some(configuration_url) if problems.is_empty() => Ok(Self {
                issuer: entry.issuer.clone(),
                audience: entry.audience.clone(),
                configuration_url,
                private: entry.private,
            }),
            _ => Err(problems),
        }
    }
}

impl IssuerEntry {
    /// What a person wrote that an entry does not have: a misspelt `private` must not be passed
    /// over.
    pub(super) fn unknown_fields(&self) -> impl Iterator<Item = InvalidIssuer> {
        let fields = self.unknown.keys();
        fields.map(|field| InvalidIssuer::UnknownField {
            issuer: self.issuer.clone(),
            field: field.clone(),
        })
    }
}

fn configuration_url(entry: &IssuerEntry) -> Result<Url, InvalidIssuer> {
    let below = || {
        let issuer = entry.issuer.trim_end_matches('/');
        format!("{issuer}/.well-known/openid-configuration")
    };
    let url = Url::parse(&entry.configuration_url.clone().unwrap_or_else(below))
        .ok()
        .filter(is_https_or_loopback)
        .ok_or_else(|| InvalidIssuer::NotHttps(entry.issuer.clone()))?;
    match leads_inside(&url) && !is_loopback(&url) {
        true => Err(InvalidIssuer::Inside(entry.issuer.clone())),
        false => Ok(url),
    }
}

fn too_long(entry: &IssuerEntry) -> impl Iterator<Item = InvalidIssuer> {
    let fields = [
        ("issuer", Some(&entry.issuer)),
        ("audience", Some(&entry.audience)),
        ("configuration_url", entry.configuration_url.as_ref()),
    ];
    let long = fields.into_iter();
    let long = long.filter(|(_, text)| text.is_some_and(|text| text.len() > FIELD_MAX));
    long.map(|(field, _)| InvalidIssuer::TooLong {
        issuer: entry.issuer.clone(),
        field,
    })
}

/// Fails closed because a permit for a private issuer need not name anybody.
fn shared(entry: &IssuerEntry) -> Option<InvalidIssuer> {
    let known = known_issuer(&entry.issuer).filter(|known| entry.private && known.shared)?;
    Some(InvalidIssuer::Shared {
        issuer: entry.issuer.clone(),
        name: known.name,
    })
}

/// Entra ID's audience for workload identity federation, in any cloud's spelling.
fn is_token_exchange(audience: &str) -> bool {
    let prefix = "api://azureadtokenexchange";
    audience.to_ascii_lowercase().starts_with(prefix)
}
