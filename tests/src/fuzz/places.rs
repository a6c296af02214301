//! Where a URL leads, read from its text: the other reader of the targets on URLs.

use std::net::IpAddr;

/// What a host is to this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    /// A name or address of somebody else.
    Outside,
    /// This machine.
    Loopback,
    /// What answers this machine alone, or nothing that can be asked.
    Inside,
}

/// Scheme and authority, and what follows.
pub(super) fn split(url: &str) -> (&str, &str) {
    let start = url.find("://").unwrap() + 3;
    let end = url[start..].find(['/', '?', '#', '\\']);
    url.split_at(end.map_or(url.len(), |at| start + at))
}

impl Host {
    /// The host of a URL that a parser wrote: names in lower case, addresses in one spelling.
    pub(super) fn of(url: &str) -> Self {
        let (origin, _) = split(url);
        let (_, authority) = origin.split_once("://").unwrap();
        let host = authority.rsplit('@').next().unwrap();
        let host = match host.strip_prefix('[') {
            Some(address) => address.split(']').next().unwrap(),
            None => host.split(':').next().unwrap(),
        };
        let name = host.trim_end_matches('.');
        match name.parse::<IpAddr>() {
            Ok(address) => Self::at(address.to_canonical()),
            Err(_) if name == "localhost" || name.ends_with(".localhost") => Self::Loopback,
            Err(_) => Self::Outside,
        }
    }

    fn at(address: IpAddr) -> Self {
        let is_link_local = match address {
            IpAddr::V4(address) => address.octets()[..2] == [169, 254],
            IpAddr::V6(address) => address.segments()[0] & 0xffc0 == 0xfe80,
        };
        match (
            address.is_loopback(),
            is_link_local || address.is_unspecified(),
        ) {
            (true, _) => Self::Loopback,
            (false, true) => Self::Inside,
            (false, false) => Self::Outside,
        }
    }
}
