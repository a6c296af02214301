//! Whether the Host header names this gateway. It owns the two answers of a
//! gateway that is called by a wrong name: 400 for what is no host at all, 403
//! for a name that is not ours.

use std::net::Ipv6Addr;

use axum::http::{header, request::Parts};

use crate::refusal::GatewayRefusal;

/// Gives the name by which the gateway was called, in lower case, without port.
///
/// A port may be left out (the default port of a client behind a forwarder);
/// one that is given must be ours.
pub(crate) fn check(parts: &Parts, names: &[String], port: u16) -> Result<String, GatewayRefusal> {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(GatewayRefusal::BadRequest);
    };
    let host = host.to_str().map_err(|_| GatewayRefusal::BadRequest)?;
    // A target in absolute form names a host too (RFC 9112 §3.2.2); two names in
    // one request are an attempt to be routed by one and believed by the other.
    if parts
        .uri
        .authority()
        .is_some_and(|authority| authority.as_str() != host)
    {
        return Err(GatewayRefusal::BadRequest);
    }
    let (name, given_port) = split(host).ok_or(GatewayRefusal::BadRequest)?;
    let name = name.to_ascii_lowercase();
    if !names.contains(&name) || given_port.is_some_and(|given| given != port) {
        return Err(GatewayRefusal::Forbidden);
    }
    Ok(name)
}

/// Splits `host[:port]` (RFC 9110 §7.2), without userinfo; `None` is malformed.
fn split(host: &str) -> Option<(&str, Option<u16>)> {
    let name_end = match host.strip_prefix('[') {
        Some(literal) => {
            let end = literal.find(']')?;
            literal.get(..end)?.parse::<Ipv6Addr>().ok()?;
            end + 2
        }
        None => host.find(':').unwrap_or(host.len()),
    };
    let (name, rest) = host.split_at_checked(name_end)?;
    if !name.starts_with('[') && !is_registered_name(name) {
        return None;
    }
    match rest.strip_prefix(':') {
        None if rest.is_empty() => Some((name, None)),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some((name, Some(digits.parse().ok()?)))
        }
        _ => None,
    }
}

/// Letters, digits, hyphens, underscores and dots: what names in DNS and IPv4
/// addresses are made of. RFC 3986 allows more, which no client sends.
fn is_registered_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' || byte == b'_'
        })
}
