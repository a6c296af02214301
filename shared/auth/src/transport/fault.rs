//! Why no answer came: the kinds, their words and the cause that each one is.
//!
//! A fault on our side of the network is never Microsoft's: an untrusted certificate, a name
//! without an address and a port without a listener are the operator's to mend.

use std::error::Error;
use std::fmt;

use url::Url;

use crate::cause::CauseCode;

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportFault {
    /// The other end's certificate does not pass.
    Untrusted(Untrusted),
    /// The two ends have no TLS in common; or the other end speaks none.
    NoTls,
    /// The name has no address.
    Unresolved,
    /// Nothing listens at the port.
    Refused,
    /// No connection comes about: no route, a firewall, or a proxy that refuses.
    Unreachable,
    /// Too late.
    TimedOut(Awaited),
    /// The connection was reset or closed before the whole answer was there.
    Broken,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untrusted {
    /// It leads to no CA that is trusted here.
    UnknownIssuer,
    /// It is over.
    Expired,
    /// It has not begun.
    NotYetValid,
    /// It is for another host.
    AnotherName,
    /// It is revoked, malformed, for another purpose, or a CA's own.
    Unsound,
}

/// What was waited for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// The connection.
    Connection,
    /// The answer, or the rest of it.
    Answer,
}

/// Who was asked, which decides what the operator looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// Entra ID: the token endpoint, discovery and keys.
    Authority,
    /// A caller's issuer.
    Issuer,
    /// AWS.
    Aws,
}

impl TransportFault {
    /// The kind in logs (`transport`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Untrusted(_) => "tls_trust",
            Self::NoTls => "tls",
            Self::Unresolved => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::TimedOut(_) => "timeout",
            Self::Broken => "reset",
        }
    }

    /// `error.type` of a client's span (OpenTelemetry, Semantic Conventions for HTTP Spans:
    /// `timeout` and `server_certificate_invalid` are its own examples).
    pub fn error_type(self) -> &'static str {
        match self {
            Self::Untrusted(_) => "server_certificate_invalid",
            Self::NoTls => "tls_handshake_failed",
            Self::Unresolved => "name_resolution_error",
            Self::Refused => "connection_refused",
            Self::Unreachable => "network_unreachable",
            Self::TimedOut(_) => "timeout",
            Self::Broken => "connection_reset",
        }
    }

    /// What it means when the authority was asked.
    pub fn cause(self) -> CauseCode {
        match self {
            Self::Untrusted(Untrusted::UnknownIssuer) => CauseCode::AuthorityUntrusted,
            Self::Untrusted(_) => CauseCode::AuthorityCertificateInvalid,
            Self::Unresolved => CauseCode::AuthorityUnresolved,
            Self::NoTls | Self::Refused | Self::Unreachable => CauseCode::AuthorityUnreachable,
            Self::TimedOut(_) | Self::Broken => CauseCode::NoAnswer,
        }
    }

    /// Whether another try at once can help: a certificate will not have changed.
    pub fn may_pass_at_once(self) -> bool {
        !matches!(self, Self::Untrusted(_) | Self::NoTls)
    }

    /// Half a sentence after the name of the host.
    fn what_happened(self) -> &'static str {
        match self {
            Self::Untrusted(Untrusted::UnknownIssuer) => {
                "its certificate leads to no CA that is trusted here"
            }
            Self::Untrusted(Untrusted::Expired) => "its certificate has expired",
            Self::Untrusted(Untrusted::NotYetValid) => "its certificate is not valid yet",
            Self::Untrusted(Untrusted::AnotherName) => "its certificate is for another name",
            Self::Untrusted(Untrusted::Unsound) => {
                "its certificate does not pass: it is malformed, revoked, or a CA's own"
            }
            Self::NoTls => "no agreement over TLS",
            Self::Unresolved => "the name cannot be resolved",
            Self::Refused => "nothing listens there",
            Self::Unreachable => "no connection",
            Self::TimedOut(Awaited::Connection) => "no connection in time",
            Self::TimedOut(Awaited::Answer) => "no answer in time",
            Self::Broken => "the connection broke before the answer was complete",
        }
    }

    /// What happened and what the operator does, in one line without the host.
    pub fn explained(self, party: Party) -> String {
        format!("{}: {}", self.what_happened(), self.advice(party))
    }

    fn advice(self, party: Party) -> String {
        let setting = party.setting();
        match self {
            Self::Untrusted(Untrusted::UnknownIssuer) => {
                "name that CA in EXTRA_CA_FILE (a proxy that opens TLS has one of its own)".into()
            }
            Self::Untrusted(Untrusted::Expired | Untrusted::NotYetValid) => {
                format!("check the machine's clock, {setting} and the proxy")
            }
            Self::Untrusted(_) | Self::NoTls => format!("check {setting} and the proxy"),
            Self::Unresolved => format!("check the network's DNS, {setting} and the proxy"),
            Self::Refused | Self::Unreachable => {
                format!("check the network, {setting} and the proxy")
            }
            Self::TimedOut(_) | Self::Broken => {
                format!("if it lasts, the network or {} is at fault", party.name())
            }
        }
    }
}

impl Party {
    fn name(self) -> &'static str {
        match self {
            Party::Authority => "Microsoft",
            Party::Issuer => "the issuer",
            Party::Aws => "AWS",
        }
    }

    /// What says where it is.
    fn setting(self) -> &'static str {
        match self {
            Party::Authority => "ENTRA_AUTHORITY",
            Party::Issuer => "the issuer's address (operator issuer list)",
            Party::Aws => "AWS_REGION, AWS_ENDPOINT_URL",
        }
    }
}

/// No answer came, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer {
    /// Why.
    pub fault: TransportFault,
    /// Host, and the port where the URL names one. Never a path or a query.
    host: String,
}

impl NoAnswer {
    /// None came from the host of `url`.
    pub fn from(url: &Url, fault: TransportFault) -> Self {
        let host = url.host_str().unwrap_or("a URL without a host");
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Self { fault, host }
    }

    /// What happened and what the operator does, in one line.
    pub fn explained(&self, party: Party) -> String {
        format!("{}: {}", self.host, self.fault.explained(party))
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.host, self.fault.what_happened())
    }
}

impl Error for NoAnswer {}
