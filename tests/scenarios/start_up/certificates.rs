//! Certificates that a run refuses to start with: Entra ID would not take them, or (out
//! of their time) is assumed not to. The fixtures say how they were made.

use auth::Timestamp;
use auth::ports::Clock as _;
use auth::secret::ExposeSecret as _;
use microsoft::certificate::{CreatedCertificate, create};

/// A certificate with its key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Pair {
    /// One that is good, each time another.
    pub(super) fn good() -> Self {
        Self::made(aws::SystemClock.now())
    }

    fn made(now: Timestamp) -> Self {
        let created: CreatedCertificate = create("Test", 1, now).unwrap();
        Self {
            certificate: created.certificate_pem,
            key: created.private_key_pem.expose_secret().to_owned(),
        }
    }

    /// Over a P-256 key.
    fn not_rsa() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&key);
        Self {
            certificate: certificate.unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    fn fixture(text: &str) -> Self {
        let block = |label: &str| {
            let (begin, end) = (
                format!("-----BEGIN {label}-----"),
                format!("-----END {label}-----"),
            );
            let (_, rest) = text.split_once(&begin).unwrap();
            let (inner, _) = rest.split_once(&end).unwrap();
            format!("{begin}{inner}{end}\n")
        };
        Self {
            certificate: block("CERTIFICATE"),
            key: block("PRIVATE KEY"),
        }
    }
}

/// Pairs that are refused, each with its name and what has to be said.
pub(super) fn refused() -> Vec<(&'static str, Pair, &'static str)> {
    let (one, other) = (Pair::good(), Pair::good());
    let with_key = |key: &str| Pair {
        key: key.to_owned(),
        ..one.clone()
    };
    let with_certificate = |certificate: &str| Pair {
        certificate: certificate.to_owned(),
        ..one.clone()
    };
    let damaged = one.certificate.replacen("MII", "!!!", 1);
    let begun_later = aws::SystemClock.now().unix() + 30 * 86_400;
    let over = aws::SystemClock.now().unix() - 30 * 86_400;
    let short = Pair::fixture(include_str!("../../fixtures/short_key.pem"));
    let encrypted = with_key(include_str!("../../fixtures/encrypted_key.pem"));
    vec![
        (
            "expired",
            Pair::made(Timestamp::from_unix(over)),
            "expired at",
        ),
        (
            "not yet valid",
            Pair::made(Timestamp::from_unix(begun_later)),
            "valid only from",
        ),
        ("1024 bits", short, "1024 bits: Entra ID takes 2048 or more"),
        ("an elliptic curve", Pair::not_rsa(), "is not RSA"),
        (
            "the key of another",
            with_key(&other.key),
            "does not belong to the certificate",
        ),
        ("without a key", with_key(""), "comes without its key"),
        ("an encrypted key", encrypted, "is encrypted: decrypt it"),
        (
            "a key that is none",
            with_key(&one.key.replacen("MII", "AAA", 1)),
            "private key cannot be read",
        ),
        (
            "without a certificate",
            with_certificate(""),
            "no certificate found",
        ),
        (
            "a damaged certificate",
            with_certificate(&damaged),
            "(CERTIFICATE) is damaged: between",
        ),
    ]
}
