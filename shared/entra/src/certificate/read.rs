//! Reading a certificate: what it says, and whether Entra ID would take it. Every
//! refusal is one line that says what to do.

use auth::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

/// Shorter RSA keys are refused by Entra ID (reference §6).
pub(super) const RSA_MIN_BITS: usize = 2048;

/// Why a certificate cannot be used. No variant carries key material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// A PKCS#12 file.
    #[error(
        "this is a PFX (PKCS#12) file or another binary one: convert it with \
         `openssl pkcs12 -in FILE -nodes -out certificate.pem` and name that file"
    )]
    Binary,
    /// There is no certificate in the text.
    #[error(
        "no certificate found: expected a PEM block that begins with -----BEGIN CERTIFICATE-----"
    )]
    NoCertificate,
    /// The certificate cannot be parsed.
    #[error("the certificate cannot be read: its PEM block is damaged")]
    Unreadable,
    /// There is no private key in the text.
    #[error(
        "the certificate comes without its key: add the PEM block that begins with \
         -----BEGIN PRIVATE KEY----- (unencrypted PKCS#8)"
    )]
    NoKey,
    /// The private key is encrypted.
    #[error(
        "the private key is encrypted: decrypt it with \
         `openssl pkey -in FILE -out key.pem` and use the result"
    )]
    EncryptedKey,
    /// Not an RSA key that can be read.
    #[error("the private key cannot be read as an RSA key of {RSA_MIN_BITS} to 8192 bits")]
    UnusableKey,
    /// Not an RSA certificate.
    #[error("the certificate's key is not RSA: Entra ID takes RSA keys only")]
    NotRsa,
    /// Too short.
    #[error(
        "the RSA key has {0} bits: Entra ID takes {RSA_MIN_BITS} or more, make a new certificate"
    )]
    TooShort(usize),
    /// The key belongs to another certificate.
    #[error(
        "the private key does not belong to the certificate: use the pair that was made together"
    )]
    KeyMismatch,
    /// Over.
    #[error("the certificate expired at {0}: make a new one and register it with the application")]
    Expired(Timestamp),
    /// Not begun.
    #[error("the certificate is valid only from {0} on: check the clock, or make a new one")]
    NotYetValid(Timestamp),
    /// The secret is not JSON of the right shape.
    #[error("expected JSON: {{\"certificate\": PEM, \"private_key\": PEM}}")]
    NotASecret,
    /// A new one could not be made.
    #[error("the certificate could not be made: {0}")]
    NotCreated(String),
}

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The DER of the certificate.
    pub der: Vec<u8>,
    /// RSA modulus length in bits.
    pub key_bits: usize,
    /// `notBefore`.
    pub not_before: Timestamp,
    /// `notAfter`.
    pub not_after: Timestamp,
    /// The DER of the subject's public key (SubjectPublicKeyInfo).
    pub public_key_der: Vec<u8>,
}

impl CertificateFacts {
    /// Reads the first certificate of a PEM text.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        let block = pem_blocks(text)?
            .into_iter()
            .find(|block| block.label == "CERTIFICATE")
            .ok_or(CertificateError::NoCertificate)?;
        Self::from_der(block.contents)
    }

    fn from_der(der: Vec<u8>) -> Result<Self, CertificateError> {
        let (_, certificate) =
            X509Certificate::from_der(&der).map_err(|_| CertificateError::Unreadable)?;
        let public_key = certificate.public_key();
        let key_bits = match public_key.parsed() {
            Ok(PublicKey::RSA(key)) => key.key_size(),
            _ => return Err(CertificateError::NotRsa),
        };
        let validity = certificate.validity();
        Ok(Self {
            key_bits,
            not_before: Timestamp::from_unix(validity.not_before.timestamp()),
            not_after: Timestamp::from_unix(validity.not_after.timestamp()),
            public_key_der: public_key.raw.to_vec(),
            der,
        })
    }

    /// Whether Entra ID would take an assertion under it now.
    pub fn check(&self, now: Timestamp) -> Result<(), CertificateError> {
        if self.key_bits < RSA_MIN_BITS {
            return Err(CertificateError::TooShort(self.key_bits));
        }
        if now >= self.not_after {
            return Err(CertificateError::Expired(self.not_after));
        }
        if now < self.not_before {
            return Err(CertificateError::NotYetValid(self.not_before));
        }
        Ok(())
    }
}

/// The DER of the private key of a PEM text, with the form that it is in.
pub(super) fn private_key(text: &str) -> Result<PrivateKeyDer, CertificateError> {
    for block in pem_blocks(text)? {
        match block.label.as_str() {
            "PRIVATE KEY" => return Ok(PrivateKeyDer::Pkcs8(block.contents)),
            "RSA PRIVATE KEY" if text.contains("Proc-Type: 4,ENCRYPTED") => {
                return Err(CertificateError::EncryptedKey);
            }
            "RSA PRIVATE KEY" => return Ok(PrivateKeyDer::Pkcs1(block.contents)),
            "ENCRYPTED PRIVATE KEY" => return Err(CertificateError::EncryptedKey),
            _ => {}
        }
    }
    Err(CertificateError::NoKey)
}

/// A private key's DER.
pub(super) enum PrivateKeyDer {
    /// RFC 5208.
    Pkcs8(Vec<u8>),
    /// RFC 8017.
    Pkcs1(Vec<u8>),
}

fn pem_blocks(text: &str) -> Result<Vec<Pem>, CertificateError> {
    if !text.contains("-----BEGIN") && text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(CertificateError::Binary);
    }
    Pem::iter_from_buffer(text.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| CertificateError::Unreadable)
}
