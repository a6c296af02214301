use std::fmt;

use rustls::InvalidMessage;
use url::Url;

use super::*;
use crate::transport::{NoAnswer, Party};

/// What the HTTP library wraps around what happened: an error of its own, and an `io::Error`
/// that carries another.
#[derive(Debug)]
struct Wrapped(io::Error);

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrapped")
    }
}

impl Error for Wrapped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

const CONNECTING: ClientSays = ClientSays {
    connecting: true,
    timed_out: false,
    resolving: false,
};
const TALKING: ClientSays = ClientSays {
    connecting: false,
    ..CONNECTING
};

fn tls(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn certificate(reason: CertificateError) -> io::Error {
    tls(rustls::Error::InvalidCertificate(reason))
}

#[test]
fn each_error_of_the_network_is_told_from_the_others() {
    use CertificateError as C;
    use TransportFault as T;
    use io::ErrorKind as K;
    let of_tls = [
        (
            certificate(C::UnknownIssuer),
            T::Untrusted(Untrusted::UnknownIssuer),
        ),
        (certificate(C::Expired), T::Untrusted(Untrusted::Expired)),
        (
            certificate(C::NotValidYet),
            T::Untrusted(Untrusted::NotYetValid),
        ),
        (
            certificate(C::NotValidForName),
            T::Untrusted(Untrusted::AnotherName),
        ),
        (certificate(C::Revoked), T::Untrusted(Untrusted::Unsound)),
        (
            certificate(C::BadSignature),
            T::Untrusted(Untrusted::UnknownIssuer),
        ),
        (tls(InvalidMessage::InvalidContentType.into()), T::NoTls),
        (
            tls(rustls::Error::AlertReceived(
                AlertDescription::ProtocolVersion,
            )),
            T::NoTls,
        ),
        (tls(rustls::Error::NoCertificatesPresented), T::NoTls),
        (tls(rustls::Error::DecryptError), T::Broken),
        (
            tls(rustls::Error::AlertReceived(
                AlertDescription::InternalError,
            )),
            T::Broken,
        ),
    ];
    let of_system = [
        (K::ConnectionRefused, T::Refused),
        (K::HostUnreachable, T::Unreachable),
        (K::NetworkUnreachable, T::Unreachable),
        (K::PermissionDenied, T::Unreachable),
        (K::ConnectionReset, T::Broken),
        (K::ConnectionAborted, T::Broken),
        (K::BrokenPipe, T::Broken),
        (K::UnexpectedEof, T::Broken),
        (K::TimedOut, T::TimedOut(Awaited::Answer)),
    ];
    let of_system = of_system.map(|(kind, fault)| (io::Error::from(kind), fault));
    for (error, fault) in of_tls.into_iter().chain(of_system) {
        let text = format!("{error:?}");
        // As deep as the library puts it.
        let error = Wrapped(io::Error::other(Wrapped(error)));
        assert_eq!(TransportFault::of(&error, CONNECTING), fault, "{text}");
        assert_eq!(TransportFault::of(&error, TALKING), fault, "{text}");
    }
}

#[test]
fn what_the_client_says_decides_where_the_errors_inside_do_not() {
    use TransportFault as T;
    let says = |timed_out, connecting, resolving| ClientSays {
        timed_out,
        connecting,
        resolving,
    };
    let rows = [
        (says(true, true, false), T::TimedOut(Awaited::Connection)),
        (says(true, false, false), T::TimedOut(Awaited::Answer)),
        // A name server that does not answer in time is one time-out more.
        (says(true, true, true), T::TimedOut(Awaited::Connection)),
        (says(false, true, true), T::Unresolved),
        (says(false, true, false), T::Unreachable),
        (says(false, false, false), T::Broken),
    ];
    let inside = Wrapped(io::Error::other("words that are not read"));
    for (says, fault) in rows {
        assert_eq!(TransportFault::of(&inside, says), fault, "{says:?}");
    }
}

const EVERY: [TransportFault; 12] = [
    TransportFault::Untrusted(Untrusted::UnknownIssuer),
    TransportFault::Untrusted(Untrusted::Expired),
    TransportFault::Untrusted(Untrusted::NotYetValid),
    TransportFault::Untrusted(Untrusted::AnotherName),
    TransportFault::Untrusted(Untrusted::Unsound),
    TransportFault::NoTls,
    TransportFault::Unresolved,
    TransportFault::Refused,
    TransportFault::Unreachable,
    TransportFault::TimedOut(Awaited::Connection),
    TransportFault::TimedOut(Awaited::Answer),
    TransportFault::Broken,
];

#[test]
fn only_what_may_be_microsofts_is_called_microsofts() {
    use crate::cause::{Class, Fault};
    for fault in EVERY {
        let code = fault.cause();
        let may_be_theirs = matches!(fault, TransportFault::TimedOut(_) | TransportFault::Broken);
        let expected = match may_be_theirs {
            true => (Class::Retry, Fault::Microsoft),
            false => (Class::Ours, Fault::Ours),
        };
        assert_eq!((code.class(), code.fault()), expected, "{fault:?}");
        assert!(!code.next_step().starts_with("Nothing to do"), "{code}");
    }
}

#[test]
fn a_line_names_the_host_what_happened_and_where_to_look() {
    let url = |text: &str| Url::parse(text).unwrap();
    let microsoft = url("https://login.microsoftonline.com/tenant/token?code=secret");
    let port = url("http://localhost:8081/x");
    let (unknown, expired) = (Untrusted::UnknownIssuer, Untrusted::Expired);
    let rows = [
        (
            NoAnswer::from(&microsoft, TransportFault::Untrusted(unknown)),
            Party::Authority,
            "login.microsoftonline.com: its certificate leads to no CA that is trusted here: \
             name that CA in EXTRA_CA_FILE (a proxy that opens TLS has one of its own)",
        ),
        (
            NoAnswer::from(&microsoft, TransportFault::Unresolved),
            Party::Authority,
            "login.microsoftonline.com: the name cannot be resolved: check the network's DNS, \
             ENTRA_AUTHORITY and the proxy",
        ),
        (
            NoAnswer::from(&port, TransportFault::Refused),
            Party::Issuer,
            "localhost:8081: nothing listens there: check the network, the issuer's address \
             (operator issuer list) and the proxy",
        ),
        (
            NoAnswer::from(&port, TransportFault::Untrusted(expired)),
            Party::Aws,
            "localhost:8081: its certificate has expired: check the machine's clock, \
             AWS_REGION, AWS_ENDPOINT_URL and the proxy",
        ),
        (
            NoAnswer::from(&microsoft, TransportFault::Broken),
            Party::Authority,
            "login.microsoftonline.com: the connection broke before the answer was complete: \
             if it lasts, the network or Microsoft is at fault",
        ),
    ];
    for (none, party, line) in rows {
        assert_eq!(none.explained(party), line);
    }
    for fault in EVERY {
        for party in [Party::Authority, Party::Issuer, Party::Aws] {
            let line = NoAnswer::from(&microsoft, fault).explained(party);
            assert!(!line.contains("secret") && !line.contains('\n'), "{line}");
        }
    }
}
