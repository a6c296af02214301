//! Where a tenant's token may be sent: the plan's host, and this tenant's path on it.
//!
//! The API names the addresses of contents and of next pages itself (`contentUri`,
//! `NextPageUri`), and the token goes along with the request. So an address is judged by its
//! text before it is parsed by anything, and by a parser after that: where the two could read
//! it differently, it is refused.

use std::fmt;

use auth::url_rules::is_https_or_loopback;
use auth::{Cloud, TenantId};
use url::Url;

/// A longer address is refused. A contentId of 4 KB fits.
pub(crate) const LONGEST: usize = 8_192;

/// The parameter that every request carries (protocol notes §1).
const PUBLISHER: &str = "PublisherIdentifier";

/// The API of one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedHost {
    /// Scheme, host and port, as a browser writes them.
    origin: String,
}

/// Not a host of the Activity API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an origin such as https://manage.office.com (http on loopback only)")]
pub struct NotAHost;

impl FeedHost {
    /// The host of a cloud.
    pub fn of(cloud: Cloud) -> Self {
        Self {
            origin: cloud.management_api().to_owned(),
        }
    }

    /// Another origin: https, or http on this machine.
    pub fn new(text: &str) -> Result<Self, NotAHost> {
        let url = Url::parse(text).map_err(|_| NotAHost)?;
        let origin = url.origin().ascii_serialization();
        // Nothing but the origin: no user, no path, no other spelling.
        let is_plain = text.trim_end_matches('/').eq_ignore_ascii_case(&origin);
        if is_https_or_loopback(&url) && is_plain {
            Ok(Self { origin })
        } else {
            Err(NotAHost)
        }
    }

    /// Scheme, host and port.
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// The address, if a token of this tenant may be sent to it.
    ///
    /// Fails closed because what is refused costs a listing, which is counted, and what is let
    /// through wrongly costs the tenant's token.
    pub fn check(&self, tenant: TenantId, unverified: &str) -> Result<Address, Refused> {
        if unverified.len() > LONGEST {
            return Err(Refused::TooLong);
        }
        if !unverified.bytes().all(is_of_addresses) {
            return Err(Refused::Characters);
        }
        let rest = after(unverified, &self.origin).ok_or(Refused::OtherHost)?;
        let rest = after(rest, "/api/v1.0/").or_else(|| after(rest, "/api/v1/"));
        let (named, rest) = rest
            .and_then(|rest| rest.split_once('/'))
            .ok_or(Refused::Path)?;
        if named.parse() != Ok(tenant) {
            return Err(Refused::OtherTenant);
        }
        let rest = after(rest, "activity/feed/").ok_or(Refused::Path)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if !path.split('/').all(is_segment) {
            return Err(Refused::Path);
        }
        if !escapes(query).all(|escaped| escaped.is_some()) {
            return Err(Refused::Escapes);
        }
        self.agrees(unverified).ok_or(Refused::ReadDifferently)
    }

    /// What a parser makes of it is what it says.
    fn agrees(&self, text: &str) -> Option<Address> {
        let url = Url::parse(text).ok()?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        let same_origin = url.origin().ascii_serialization() == self.origin;
        let rest = after(text, &self.origin)?;
        let path = rest.split('?').next()?;
        let same_path = url.path() == path && url.fragment().is_none();
        (is_plain && same_origin && same_path).then(|| Address(text.to_owned()))
    }
}

/// What follows `prefix`, in any case.
fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The characters of RFC 3986 but those that parsers read differently, and no `#`: a fragment
/// is not sent.
fn is_of_addresses(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=%".contains(&byte)
}

/// A segment that no server reads as two, or as a step upwards.
fn is_segment(segment: &str) -> bool {
    // Some servers cut parameters off a segment: `..;x` is a step upwards to them.
    let name = segment.split(';').next().unwrap_or_default();
    let is_step = name.bytes().all(|byte| byte == b'.');
    let is_plain = |escaped: Option<u8>| {
        escaped.is_some_and(|byte| byte.is_ascii_graphic() && !b"/\\.%?#;".contains(&byte))
    };
    !is_step && escapes(segment).all(is_plain)
}

/// The bytes that are written as `%XX`; `None` for a `%` without two digits.
fn escapes(text: &str) -> impl Iterator<Item = Option<u8>> {
    text.split('%').skip(1).map(|rest| {
        let digits = rest.get(..2)?;
        let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        are_digits
            .then(|| u8::from_str_radix(digits, 16).ok())
            .flatten()
    })
}

/// Why a token is not sent there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Longer than 8 KB.
    #[error("the address is too long")]
    TooLong,
    /// A character that no address of the API has.
    #[error("the address has characters that no address of the API has")]
    Characters,
    /// Another scheme, host or port; or somebody is named before it.
    #[error("the address leads to another host")]
    OtherHost,
    /// Another tenant's path.
    #[error("the address is of another tenant")]
    OtherTenant,
    /// Not a path of the feed.
    #[error("the address leads out of the tenant's feed")]
    Path,
    /// A `%` that is no escape.
    #[error("the address is not escaped as addresses are")]
    Escapes,
    /// A parser reads something else in it.
    #[error("the address can be read in two ways")]
    ReadDifferently,
}

/// An address that a token of its tenant may be sent to. No redirect of it is followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address(String);

impl Address {
    /// As the API wrote it: what a loop of pages is known by.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is asked: the API leaves the publisher out of the addresses that it writes.
    pub fn for_publisher(&self, publisher: TenantId) -> String {
        let (path, query) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let named = |pair: &&str| {
            let name = pair.split('=').next().unwrap_or_default();
            !pair.is_empty() && !name.eq_ignore_ascii_case(PUBLISHER)
        };
        let own = format!("{PUBLISHER}={publisher}");
        let pairs: Vec<&str> = query
            .split('&')
            .filter(named)
            .chain([own.as_str()])
            .collect();
        format!("{path}?{}", pairs.join("&"))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
