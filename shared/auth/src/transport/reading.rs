//! The errors of an HTTP client, read: what happened is in the innermost of them, or the
//! client alone knows it.

use std::error::Error;
use std::io;
use std::iter::successors;

use rustls::{AlertDescription, CertificateError};

use super::fault::{Awaited, TransportFault, Untrusted};

/// What an HTTP client says of its error, besides the errors inside.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientSays {
    /// It waited too long.
    pub timed_out: bool,
    /// The connection did not come about.
    pub connecting: bool,
    /// The name was not resolved.
    pub resolving: bool,
}

impl TransportFault {
    /// Reads an error of an HTTP client and the errors inside it.
    pub fn of(error: &(dyn Error + 'static), says: ClientSays) -> Self {
        if let Some(of_tls) = chain(error).find_map(of_tls) {
            return of_tls;
        }
        if says.timed_out {
            return Self::TimedOut(match says.connecting {
                true => Awaited::Connection,
                false => Awaited::Answer,
            });
        }
        if says.resolving {
            return Self::Unresolved;
        }
        let of_system = chain(error).find_map(of_system);
        of_system.unwrap_or(match says.connecting {
            true => Self::Unreachable,
            false => Self::Broken,
        })
    }
}

/// An error and those inside it. An [`io::Error`] hides its own from `source`.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    successors(Some(error), |error| inside(*error))
}

fn inside<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inside| inside as &(dyn Error + 'static)),
        None => error.source(),
    }
}

/// What is not about the two ends' settings (a damaged record, an alert of a server in
/// trouble) is a connection that broke.
fn of_tls(error: &(dyn Error + 'static)) -> Option<TransportFault> {
    use rustls::Error as E;
    Some(match error.downcast_ref::<E>()? {
        E::InvalidCertificate(reason) => TransportFault::Untrusted(untrusted(reason)),
        E::AlertReceived(AlertDescription::InternalError | AlertDescription::CloseNotify) => {
            TransportFault::Broken
        }
        E::InvalidMessage(_)
        | E::PeerIncompatible(_)
        | E::NoCertificatesPresented
        | E::NoApplicationProtocol
        | E::AlertReceived(_) => TransportFault::NoTls,
        _ => TransportFault::Broken,
    })
}

fn untrusted(reason: &CertificateError) -> Untrusted {
    use CertificateError as C;
    match reason {
        // A CA of the same name with another key: one that was made again.
        C::UnknownIssuer | C::BadSignature => Untrusted::UnknownIssuer,
        C::Expired | C::ExpiredContext { .. } => Untrusted::Expired,
        C::NotValidYet | C::NotValidYetContext { .. } => Untrusted::NotYetValid,
        C::NotValidForName | C::NotValidForNameContext { .. } => Untrusted::AnotherName,
        _ => Untrusted::Unsound,
    }
}

fn of_system(error: &(dyn Error + 'static)) -> Option<TransportFault> {
    use io::ErrorKind as K;
    match error.downcast_ref::<io::Error>()?.kind() {
        K::ConnectionRefused => Some(TransportFault::Refused),
        K::TimedOut => Some(TransportFault::TimedOut(Awaited::Answer)),
        K::HostUnreachable
        | K::NetworkUnreachable
        | K::NetworkDown
        | K::AddrNotAvailable
        | K::PermissionDenied => Some(TransportFault::Unreachable),
        K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe | K::UnexpectedEof => {
            Some(TransportFault::Broken)
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
