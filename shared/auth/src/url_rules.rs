//! Which URLs may be fetched or handed on: by their scheme and by where they lead. It knows
//! addresses and the names of loopback, and looks nothing up.

use std::net::IpAddr;

use url::Url;

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
mod tests {
    use super::*;

    #[test]
    fn knows_which_addresses_lead_inside() {
        // Loopback; inside, which loopback is too.
        let rows = [
            ("http://localhost:1", true, true),
            ("https://localhost.", true, true),
            ("https://a.localhost", true, true),
            ("http://127.0.0.1", true, true),
            ("http://127.9.9.9:80", true, true),
            // Other spellings of 127.0.0.1 (WHATWG URL, host parsing).
            ("http://2130706433", true, true),
            ("http://0x7f.1", true, true),
            ("http://[::1]", true, true),
            ("http://[::ffff:127.0.0.1]", true, true),
            ("http://0.0.0.0", false, true),
            ("http://0", false, true),
            ("http://[::]", false, true),
            ("http://169.254.169.254/latest", false, true),
            ("http://[::ffff:169.254.169.254]", false, true),
            ("http://[fe80::1]", false, true),
            ("https://localhost.example", false, false),
            ("https://127.0.0.1.example", false, false),
            ("https://192.0.2.1", false, false),
            ("https://[2001:db8::1]", false, false),
            ("file:///etc/passwd", false, false),
        ];
        for (text, loopback, inside) in rows {
            let url = Url::parse(text).unwrap();
            assert_eq!(
                (is_loopback(&url), leads_inside(&url)),
                (loopback, inside),
                "{text}"
            );
        }
    }
}
