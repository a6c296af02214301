//! The CA, its certificates and the listener, as a client sees them.

use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::ports::{Clock, HeldClock};
use auth::secret::SecretString;
use aws::{SystemClock, SystemRandom};
use axum::serve::Listener as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use x509_parser::prelude::{ExtendedKeyUsage, FromDer as _, X509Certificate};

use super::authority::{BACKDATED, LEAF_LIFE};
use super::*;

/// Far longer than one handshake may take, far shorter than all of them in a row.
const PATIENCE: Duration = Duration::from_secs(60);
const DAY: i64 = 24 * 60 * 60;

/// A CA that was made now, and its certificate.
fn made() -> (Authority, SecretString, String) {
    let key = make_key().unwrap();
    let certificate = make_certificate(&key, SystemClock.now(), &SystemRandom).unwrap();
    let authority = Authority::open(&certificate, &key, SystemClock.now()).unwrap();
    (authority, key, certificate)
}

/// A client that trusts this CA only.
fn client(ca_pem: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// A port that answers every connection with one word; gives its number.
async fn served(tls: &Tls) -> u16 {
    let tcp = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = tcp.local_addr().unwrap().port();
    let mut listener = tls.listen(tcp);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await;
            stream.write_all(b"hello").await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    port
}

async fn connect(
    client: &TlsConnector,
    port: u16,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    client.connect(name, tcp).await
}

fn tls(authority: Authority, clock: Arc<dyn Clock>) -> Tls {
    Tls::new(authority, PathBuf::from("ca.pem"), clock).unwrap()
}

#[tokio::test]
async fn the_names_of_this_machine_are_served_and_no_others() {
    let (authority, _, ca) = made();
    let port = served(&tls(authority, Arc::new(SystemClock))).await;
    for (name, ours) in [
        ("localhost", true),
        ("127.0.0.1", true),
        ("::1", true),
        ("127.0.0.2", false),
        ("localhost.example", false),
    ] {
        let mut said = String::new();
        match connect(&client(&ca), port, name).await {
            Ok(mut stream) => {
                stream.read_to_string(&mut said).await.unwrap();
            }
            Err(error) => assert!(error.to_string().contains("certificate"), "{name}: {error}"),
        }
        assert_eq!(said == "hello", ours, "{name}");
    }
    let (_, _, another) = made();
    assert!(connect(&client(&another), port, "localhost").await.is_err());
}

#[tokio::test]
async fn whoever_says_nothing_or_no_tls_keeps_nobody_waiting() {
    let (authority, _, ca) = made();
    let port = served(&tls(authority, Arc::new(SystemClock))).await;
    // Held open, and silent: more than one, fewer than are let in at once.
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    let mut plain = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    plain
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    // Closed, or reset because the request was not read to its end.
    let closed = timeout(PATIENCE, plain.read_to_end(&mut answer)).await;
    assert!(closed.is_ok(), "kept waiting");
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    let client = client(&ca);
    // One after the other, the silent ones would take ten seconds each.
    let mut stream = timeout(PATIENCE, connect(&client, port, "localhost"))
        .await
        .expect("not kept waiting")
        .unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "hello");
    drop(silent);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_never_comes_ends_by_itself() {
    let (authority, _, _) = made();
    let port = served(&tls(authority, Arc::new(SystemClock))).await;
    let mut silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut buffer = [0; 16];
    let read = timeout(PATIENCE, silent.read(&mut buffer)).await;
    assert_eq!(read.expect("not left open").unwrap(), 0, "closed on");
}

#[test]
fn a_certificate_is_renewed_while_the_run_goes_on() {
    let (authority, _, _) = made();
    let start = SystemClock.now().unix();
    let clock = Arc::new(HeldClock::at(start));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let leaves = Leaves::new(authority, provider, clock.clone()).unwrap();
    let mut seen = Vec::new();
    // Days from the start, and whether a new certificate is due.
    for (day, new) in [(0, true), (59, false), (61, true), (62, false), (0, true)] {
        clock.set(start + day * DAY);
        let leaf = leaves.current().end_entity_cert().unwrap().to_vec();
        assert_eq!(!seen.contains(&leaf), new, "day {day}");
        seen.push(leaf);
    }
}

#[test]
fn a_certificate_that_ends_with_its_ca_is_not_made_at_every_handshake() {
    let (_, key, ca) = made();
    let (_, block) = x509_parser::pem::parse_x509_pem(ca.as_bytes()).unwrap();
    let ends = block.parse_x509().unwrap().validity().not_after.timestamp();
    let provider = Arc::new(aws_lc_rs::default_provider());
    for before in [89 * DAY, 30 * DAY, 29 * DAY, DAY, DAY / 24, 1] {
        let start = ends - before;
        let authority = Authority::open(&ca, &key, Timestamp::from_unix(start)).unwrap();
        let clock = Arc::new(HeldClock::at(start));
        let leaves = Leaves::new(authority, Arc::clone(&provider), clock.clone()).unwrap();
        let first = leaves.current();
        // Nothing under this CA lasts longer: whenever it is asked for, it is the same.
        for now in [start, start + before / 2, ends - 1, ends, ends + DAY] {
            clock.set(now);
            let same = Arc::ptr_eq(&first, &leaves.current());
            assert!(same, "{before} s before the end, {now}");
        }
    }
}

#[test]
fn a_ca_that_others_trust_vouches_for_servers_of_this_machine_only() {
    let (_, _, ca) = made();
    let (_, block) = x509_parser::pem::parse_x509_pem(ca.as_bytes()).unwrap();
    let read = block.parse_x509().unwrap();
    let usage = read.extended_key_usage().unwrap().expect("it is limited");
    let expected = ExtendedKeyUsage {
        any: false,
        server_auth: true,
        client_auth: false,
        code_signing: false,
        email_protection: false,
        time_stamping: false,
        ocsp_signing: false,
        other: Vec::new(),
    };
    assert_eq!(usage.value, &expected);
    let names = read.name_constraints().unwrap().expect("it is limited");
    let permitted = names.value.permitted_subtrees.as_ref().unwrap();
    assert!(names.critical && permitted.len() == 3, "{permitted:?}");
}

#[test]
fn a_leaf_lives_no_longer_than_browsers_take_and_its_ca_does() {
    let (authority, _, ca) = made();
    let (_, block) = x509_parser::pem::parse_x509_pem(ca.as_bytes()).unwrap();
    let ca_ends = block.parse_x509().unwrap().validity().not_after.timestamp();
    assert!((LEAF_LIFE + BACKDATED).as_secs() <= 398 * DAY as u64);
    for now in [SystemClock.now(), Timestamp::from_unix(ca_ends - 10 * DAY)] {
        let leaf = authority.sign_leaf(now, &SystemRandom).unwrap();
        let (_, read) = X509Certificate::from_der(&leaf.certificate).unwrap();
        assert!(read.validity().not_after.timestamp() <= ca_ends);
        assert!(read.validity().not_before.timestamp() <= now.unix());
        assert!(!read.is_ca());
    }
}

#[test]
fn a_certificate_made_anew_from_the_key_is_of_the_same_ca() {
    let (_, key, old) = made();
    let new = make_certificate(&key, SystemClock.now(), &SystemRandom).unwrap();
    assert_ne!(old, new);
    let names: Vec<_> = [&old, &new]
        .iter()
        .map(|pem| {
            let (_, block) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).unwrap();
            let read = block.parse_x509().unwrap();
            (read.subject().to_string(), read.raw_serial().to_vec())
        })
        .collect();
    assert_eq!(names[0].0, names[1].0);
    assert_ne!(
        names[0].1, names[1].1,
        "an issuer never gives a serial twice"
    );
}

#[test]
fn a_ca_that_cannot_sign_is_refused_with_what_is_wrong() {
    let (_, key, ca) = made();
    let (_, other_key, other) = made();
    let now = SystemClock.now();
    let years = |years: i64| Timestamp::from_unix(now.unix() + years * 365 * DAY);
    let leaf = rcgen::CertificateParams::default();
    let rcgen_key = rcgen::KeyPair::from_pem(auth::secret::ExposeSecret::expose_secret(&key));
    let leaf = leaf.self_signed(&rcgen_key.unwrap()).unwrap().pem();
    let longer = {
        let (_, block) = x509_parser::pem::parse_x509_pem(ca.as_bytes()).unwrap();
        let der = [block.contents.as_slice(), b"\0"].concat();
        let base64 = auth::encoding::base64_standard(&der);
        format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
    };
    let no_key = SecretString::from("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----");
    let rows = [
        (
            "another's certificate",
            &other,
            &key,
            now,
            "does not belong",
        ),
        ("another's key", &ca, &other_key, now, "does not belong"),
        ("no CA", &leaf, &key, now, "not the certificate of a CA"),
        ("over", &ca, &key, years(11), "expired at"),
        ("to come", &ca, &key, years(-1), "check the clock"),
        (
            "no certificate",
            &String::new(),
            &key,
            now,
            "no certificate in PEM",
        ),
        (
            "another block",
            &format!("{ca}{other}"),
            &key,
            now,
            "nothing else may be in it",
        ),
        (
            "bytes behind it",
            &longer,
            &key,
            now,
            "no certificate in PEM",
        ),
        ("no key", &ca, &no_key, now, "no private key"),
    ];
    for (row, certificate, key, now, says) in rows {
        let refused = Authority::open(certificate, key, now).err();
        let said = match refused.expect(row) {
            Unusable::Key(reason) => reason.to_owned(),
            Unusable::Certificate(reason) => reason,
        };
        assert!(said.contains(says), "{row}: {said}");
    }
}
