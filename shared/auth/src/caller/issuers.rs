//! The OpenID Connect issuers whose tokens prove a caller. Nothing is asked of an issuer that
//! is not on the list.

use std::net::IpAddr;

use url::Url;

/// One entry of `VENDING_ISSUERS`: an OIDC issuer whose tokens prove a caller.
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

/// `https` anywhere, `http` only to this machine.
pub fn is_https_or_loopback(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Whether a URL leads to this machine.
pub fn is_loopback(url: &Url) -> bool {
    match host(url) {
        Some(Host::Name(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Address(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a URL leads to this machine, or to what answers this machine alone: a
/// link-local address, where clouds hand out the machine's own credentials. It knows
/// addresses and the names of loopback, and looks nothing up.
pub fn leads_inside(url: &Url) -> bool {
    let is_inside = match host(url) {
        // Connecting to "no address" connects to this machine.
        Some(Host::Address(address)) if address.is_unspecified() => true,
        Some(Host::Address(IpAddr::V4(address))) => address.is_link_local(),
        Some(Host::Address(IpAddr::V6(address))) => address.is_unicast_link_local(),
        Some(Host::Name(_)) | None => false,
    };
    is_inside || is_loopback(url)
}

enum Host<'a> {
    /// Without the dot of the root.
    Name(&'a str),
    /// An IPv4 address that is written as an IPv6 one is the IPv4 one.
    Address(IpAddr),
}

fn host(url: &Url) -> Option<Host<'_>> {
    match url.host()? {
        url::Host::Domain(name) => Some(Host::Name(name.trim_end_matches('.'))),
        url::Host::Ipv4(address) => Some(Host::Address(address.into())),
        url::Host::Ipv6(address) => Some(Host::Address(address.to_canonical())),
    }
}

#[cfg(test)]
#[path = "issuers_tests.rs"]
mod tests;
