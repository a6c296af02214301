//! What one certificate says, and whether Entra ID would take it. Which certificate of
//! a file counts is decided in [`bundle`](super::bundle).

use std::fmt;

use auth::Timestamp;
use auth::digest::sha256;
use auth::encoding::{base64_standard, base64url};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::error::{CertificateError, RSA_MIN_BITS};
use super::pem::armoured;

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The DER of the certificate.
    pub der: Vec<u8>,
    /// The subject as text, such as `O=Contoso, CN=Broker`.
    pub subject: String,
    /// The issuer as text.
    pub issuer: String,
    /// What kind of key it certifies.
    pub key: PublicKeyKind,
    /// `notBefore`.
    pub not_before: Timestamp,
    /// `notAfter`.
    pub not_after: Timestamp,
    /// The DER of the subject's public key (SubjectPublicKeyInfo).
    pub public_key_der: Vec<u8>,
    /// The names as they are encoded: equal bytes are equal names (RFC 5280 §7.1).
    pub(super) subject_der: Vec<u8>,
    pub(super) issuer_der: Vec<u8>,
    pub(super) rsa: Option<RsaPublicKey>,
}

/// What kind of key a certificate certifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKeyKind {
    /// RSA, with the length of its modulus in bits.
    Rsa(usize),
    /// Anything else, by its name or object identifier.
    Other(String),
}

/// `RSA 2048 bits`, `EC`.
impl fmt::Display for PublicKeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA {bits} bits"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// Modulus and exponent, big-endian, without leading zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RsaPublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl RsaPublicKey {
    pub(super) fn new(modulus: &[u8], exponent: &[u8]) -> Self {
        let trimmed = |bytes: &[u8]| {
            let digits = bytes.iter().skip_while(|byte| **byte == 0);
            digits.copied().collect::<Vec<u8>>()
        };
        Self {
            modulus: trimmed(modulus),
            exponent: trimmed(exponent),
        }
    }

    fn bits(&self) -> usize {
        let unused = self.modulus.first().map_or(0, |byte| byte.leading_zeros());
        8 * self.modulus.len() - unused as usize
    }
}

/// Digests of the certificate's DER, by which Entra ID and Windows know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbprints {
    /// SHA-1, 20 bytes: Windows' thumbprint, and `x5t` (RFC 7515 §4.1.7).
    pub sha1: Thumbprint,
    /// SHA-256, 32 bytes: `x5t#S256` (RFC 7515 §4.1.8).
    pub sha256: Thumbprint,
}

/// One digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbprint(Vec<u8>);

impl Thumbprint {
    /// Hexadecimal, in capitals as Windows and the Entra ID portal show it.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// Standard base64.
    pub fn base64(&self) -> String {
        base64_standard(&self.0)
    }

    /// Base64url without padding.
    pub fn base64url(&self) -> String {
        base64url(&self.0)
    }
}

impl CertificateFacts {
    /// Reads the DER of a certificate. What follows it is left out: a PEM block of
    /// OpenSSL's trusted form carries more.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|_| CertificateError::Unreadable)?;
        let public_key = certificate.public_key();
        let rsa = rsa_of(public_key);
        let validity = certificate.validity();
        Ok(Self {
            der: der[..der.len() - rest.len()].to_vec(),
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            key: match &rsa {
                Some(rsa) => PublicKeyKind::Rsa(rsa.bits()),
                None => PublicKeyKind::Other(other_kind(public_key)),
            },
            not_before: Timestamp::from_unix(validity.not_before.timestamp()),
            not_after: Timestamp::from_unix(validity.not_after.timestamp()),
            public_key_der: public_key.raw.to_vec(),
            subject_der: certificate.subject().as_raw().to_vec(),
            issuer_der: certificate.issuer().as_raw().to_vec(),
            rsa,
        })
    }

    /// Whether Entra ID would take an assertion under it now; the first reason why not.
    pub fn check(&self, now: Timestamp) -> Result<(), CertificateError> {
        self.problems(now).into_iter().next().map_or(Ok(()), Err)
    }

    /// Every reason why Entra ID would not take an assertion under it now.
    pub fn problems(&self, now: Timestamp) -> Vec<CertificateError> {
        let key = match self.key {
            PublicKeyKind::Rsa(bits) if bits < RSA_MIN_BITS => {
                Some(CertificateError::TooShort(bits))
            }
            PublicKeyKind::Rsa(_) => None,
            PublicKeyKind::Other(_) => Some(CertificateError::NotRsa),
        };
        let time = if now >= self.not_after {
            Some(CertificateError::Expired(self.not_after))
        } else if now < self.not_before {
            Some(CertificateError::NotYetValid(self.not_before))
        } else {
            None
        };
        key.into_iter().chain(time).collect()
    }

    /// The certificate alone, PEM.
    pub fn pem(&self) -> String {
        armoured("CERTIFICATE", &self.der)
    }

    /// Whether it has begun and is not over.
    pub(super) fn is_valid(&self, now: Timestamp) -> bool {
        (self.not_before..self.not_after).contains(&now)
    }

    /// Its thumbprints.
    pub fn thumbprints(&self) -> Thumbprints {
        Thumbprints {
            sha1: Thumbprint(
                digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der)
                    .as_ref()
                    .to_vec(),
            ),
            sha256: Thumbprint(sha256(&self.der).to_vec()),
        }
    }
}

fn rsa_of(public_key: &SubjectPublicKeyInfo<'_>) -> Option<RsaPublicKey> {
    match public_key.parsed().ok()? {
        PublicKey::RSA(key) => Some(RsaPublicKey::new(key.modulus, key.exponent)),
        _ => None,
    }
}

fn other_kind(public_key: &SubjectPublicKeyInfo<'_>) -> String {
    match public_key.parsed() {
        Ok(PublicKey::EC(_)) => "EC".to_owned(),
        Ok(PublicKey::DSA(_)) => "DSA".to_owned(),
        _ => public_key.algorithm.algorithm.to_id_string(),
    }
}
