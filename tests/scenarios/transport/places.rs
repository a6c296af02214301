//! Places on this machine that give no answer, each in one way.

use std::net::Ipv4Addr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// A name that no resolver has: a label is no longer than 63 (RFC 1035 §2.3.4). It is asked of
/// no name server, and of no proxy.
const NO_NAME: &str =
    "http://no-resolver-has-a-name-with-a-label-of-more-than-sixty-three-characters.localhost";

/// The name of the CA that is trusted.
pub(crate) const TRUSTED: &str = "trusted";

/// How no answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A certificate of a CA that is not trusted.
    UnknownCa,
    /// One of a CA that has the name of a trusted one, and another key.
    RemadeCa,
    /// A CA's own, as `openssl req -x509` makes it.
    SelfSigned,
    /// One of the trusted CA, which is over.
    Expired,
    /// One that has not begun.
    NotYetValid,
    /// One for another host.
    AnotherName,
    /// HTTP where TLS is expected.
    NoTls,
    /// A name without an address.
    Unresolved,
    /// A closed port.
    Refused,
    /// A connection, and nothing more.
    Silent,
    /// RST in place of an answer.
    Reset,
    /// FIN in place of an answer.
    Closed,
    /// The head of an answer and half of its body.
    Half,
}

/// A CA, and what it signs.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn named(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self {
            pem,
            issuer: Issuer::new(parameters, key),
        }
    }

    /// A certificate for `name`, in force in these years.
    fn acceptor(&self, name: &str, (from, until): (i32, i32)) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        parameters.not_before = date_time_ymd(from, 1, 1);
        parameters.not_after = date_time_ymd(until, 1, 1);
        acceptor(parameters.signed_by(&key, &self.issuer).unwrap(), &key)
    }
}

fn self_signed() -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    acceptor(parameters.self_signed(&key).unwrap(), &key)
}

fn acceptor(leaf: Certificate, key: &KeyPair) -> TlsAcceptor {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key);
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

/// A place that gives no answer; one to its first request, where there is one to give.
pub(crate) struct Place {
    pub(crate) url: String,
}

impl Place {
    /// `trusted`: whose certificates pass, those apart that are of no use by themselves.
    pub(crate) async fn new(kind: Kind, trusted: &Authority, first: Option<String>) -> Self {
        if kind == Kind::Unresolved {
            return Self {
                url: NO_NAME.to_owned(),
            };
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let tls = match kind {
            Kind::UnknownCa => {
                Some(Authority::named("another").acceptor("localhost", (2020, 2100)))
            }
            Kind::RemadeCa => Some(Authority::named(TRUSTED).acceptor("localhost", (2020, 2100))),
            Kind::SelfSigned => Some(self_signed()),
            Kind::Expired => Some(trusted.acceptor("localhost", (2020, 2021))),
            Kind::NotYetValid => Some(trusted.acceptor("localhost", (2099, 2100))),
            Kind::AnotherName => Some(trusted.acceptor("other.example", (2020, 2100))),
            _ => None,
        };
        let scheme = match tls.is_some() || kind == Kind::NoTls {
            true => "https",
            false => "http",
        };
        let good = trusted.acceptor("localhost", (2020, 2100));
        let good = (scheme == "https").then_some(good);
        tokio::spawn(async move {
            if let Some(answer) = first {
                answer_once(&listener, good, &answer).await;
            }
            if kind == Kind::Refused {
                return;
            }
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(give_no_answer(kind, stream, tls.clone()));
            }
        });
        Self {
            url: format!("{scheme}://localhost:{port}"),
        }
    }
}

async fn answer_once(listener: &TcpListener, tls: Option<TlsAcceptor>, answer: &str) {
    let (stream, _) = listener.accept().await.unwrap();
    match tls {
        Some(tls) => answer_on(tls.accept(stream).await.unwrap(), answer).await,
        None => answer_on(stream, answer).await,
    }
}

async fn answer_on(mut stream: impl AsyncRead + AsyncWrite + Unpin, body: &str) {
    let mut request = Vec::new();
    // A form is sent with its head, or right behind it.
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        stream.read_buf(&mut request).await.unwrap();
    }
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    // Until the client closes: a reset would overtake the answer.
    let _ = stream.read_to_end(&mut request).await;
}

async fn give_no_answer(kind: Kind, mut stream: TcpStream, tls: Option<TlsAcceptor>) {
    if let Some(tls) = tls {
        // The client does not go on.
        let _ = tls.accept(stream).await;
        return;
    }
    let mut request = [0; 1024];
    let _ = stream.read(&mut request).await;
    match kind {
        Kind::Reset => stream.set_zero_linger().unwrap(),
        Kind::Half => {
            let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access_token\":";
            stream.write_all(half).await.unwrap();
        }
        Kind::NoTls => {
            let refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(refusal).await.unwrap();
        }
        // Held open until the client has had enough.
        Kind::Silent => while stream.read(&mut request).await.is_ok_and(|read| read > 0) {},
        _ => {}
    }
}
