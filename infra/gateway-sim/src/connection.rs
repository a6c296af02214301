//! The connection over which a request came in: what a gateway knows of its caller without
//! a word of the caller's.

use std::net::SocketAddr;

/// Where a request came in.
#[derive(Debug, Clone, Copy)]
pub struct ClientConnection {
    /// The other end.
    pub peer: SocketAddr,
    /// What is spoken there.
    pub scheme: Scheme,
    /// The gateway's own port.
    pub port: u16,
}

/// What clients speak with the listener; it becomes `X-Forwarded-Proto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS, which the listener has already taken off.
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}
