//! The certificates and private keys of one file, and which certificate counts: one that
//! a key of the file belongs to, else a leaf. Of several of that kind the one that is
//! valid now, wherever it stands: files keep a certificate beside the one that renewed it.

use auth::Timestamp;
use x509_parser::pem::Pem;

use super::error::CertificateError;
use super::facts::CertificateFacts;
use super::private_key::PrivateKeyDer;

/// RFC 1421 §4.6.1.1, as OpenSSL writes it into its traditional key files.
const TRADITIONAL_ENCRYPTION: &str = "Proc-Type: 4,ENCRYPTED";

/// What a file holds. At least one certificate.
#[derive(Debug)]
pub struct Bundle {
    certificates: Vec<CertificateFacts>,
    pub(super) private_keys: Vec<PrivateKeyDer>,
    pub(super) encrypted_keys: usize,
}

/// Why a certificate was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// There is no other.
    Only,
    /// A private key of the file belongs to it.
    HasKey,
    /// It issued none of the others.
    Leaf,
}

/// The certificate that counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen<'a> {
    /// Counted from 0.
    pub(super) index: usize,
    pub(super) certificate: &'a CertificateFacts,
    pub(super) choice: Choice,
    /// The key that belongs to it.
    pub(super) key: Option<&'a PrivateKeyDer>,
}

impl Bundle {
    /// From the DER of certificates and the unencrypted keys that came with them.
    pub fn new(
        certificates: &[impl AsRef<[u8]>],
        private_keys: Vec<PrivateKeyDer>,
    ) -> Result<Self, CertificateError> {
        let facts = certificates
            .iter()
            .map(|der| CertificateFacts::from_der(der.as_ref()));
        let certificates: Vec<_> = facts.collect::<Result<_, _>>()?;
        if certificates.is_empty() {
            return Err(match private_keys.is_empty() {
                true => CertificateError::NoCertificate,
                false => CertificateError::PrivateKeyOnly,
            });
        }
        Ok(Self {
            certificates,
            private_keys,
            encrypted_keys: 0,
        })
    }

    /// From PEM text.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        let blocks = pem_blocks(text)?;
        if blocks.certificates.is_empty() {
            return Err(blocks.instead_of_a_certificate());
        }
        let bundle = Self::new(&blocks.certificates, blocks.private_keys)?;
        Ok(Self {
            encrypted_keys: blocks.encrypted_keys,
            ..bundle
        })
    }

    /// The certificates in the order of the file.
    pub fn certificates(&self) -> &[CertificateFacts] {
        &self.certificates
    }

    /// How many private keys there are, encrypted ones too.
    pub fn private_key_count(&self) -> usize {
        self.private_keys.len() + self.encrypted_keys
    }

    /// The certificate that counts. Of several of the best kind: the first that is valid
    /// now; where none is, the first.
    pub(super) fn chosen(&self, now: Timestamp) -> Chosen<'_> {
        let index = self
            .first(now, |one| self.key_of(one).is_some())
            .or_else(|| self.first(now, |one| !self.issued_another(one)))
            // Roots that issued each other, or were renewed under one name: any is as good.
            .or_else(|| self.first(now, |_| true))
            .unwrap_or(0);
        let certificate = &self.certificates[index];
        let key = self.key_of(certificate);
        Chosen {
            index,
            certificate,
            choice: match (self.certificates.len(), key) {
                (1, _) => Choice::Only,
                (_, Some(_)) => Choice::HasKey,
                (_, None) => Choice::Leaf,
            },
            key,
        }
    }

    fn first(&self, now: Timestamp, fits: impl Fn(&CertificateFacts) -> bool) -> Option<usize> {
        let all = self.certificates.iter();
        let fitting: Vec<_> = all.enumerate().filter(|(_, one)| fits(one)).collect();
        let valid = fitting.iter().find(|(_, one)| one.is_valid(now));
        valid.or(fitting.first()).map(|(index, _)| *index)
    }

    fn key_of(&self, certificate: &CertificateFacts) -> Option<&PrivateKeyDer> {
        let mut keys = self.private_keys.iter();
        keys.find(|key| belongs(key, certificate))
    }

    fn issued_another(&self, certificate: &CertificateFacts) -> bool {
        self.certificates.iter().any(|other| {
            other.der != certificate.der && other.issuer_der == certificate.subject_der
        })
    }
}

fn belongs(key: &PrivateKeyDer, certificate: &CertificateFacts) -> bool {
    certificate.rsa.is_some() && key.rsa_public_key() == certificate.rsa
}

/// The PEM blocks of a text that matter here.
#[derive(Default)]
pub(super) struct Blocks {
    certificates: Vec<Vec<u8>>,
    pub(super) private_keys: Vec<PrivateKeyDer>,
    pub(super) encrypted_keys: usize,
    signing_request: bool,
    public_key: bool,
    pkcs7: bool,
}

impl Blocks {
    fn add(&mut self, block: Pem) {
        match block.label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                self.certificates.push(block.contents);
            }
            "PRIVATE KEY" => self.private_keys.push(PrivateKeyDer::Pkcs8(block.contents)),
            "RSA PRIVATE KEY" => self.private_keys.push(PrivateKeyDer::Pkcs1(block.contents)),
            "EC PRIVATE KEY" => self.private_keys.push(PrivateKeyDer::Sec1),
            "ENCRYPTED PRIVATE KEY" => self.encrypted_keys += 1,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => self.signing_request = true,
            "PUBLIC KEY" | "RSA PUBLIC KEY" => self.public_key = true,
            "PKCS7" | "CMS" => self.pkcs7 = true,
            _ => {}
        }
    }

    fn instead_of_a_certificate(&self) -> CertificateError {
        if self.signing_request {
            CertificateError::SigningRequest
        } else if self.pkcs7 {
            CertificateError::Pkcs7
        } else if self.encrypted_keys > 0 || !self.private_keys.is_empty() {
            CertificateError::PrivateKeyOnly
        } else if self.public_key {
            CertificateError::PublicKeyOnly
        } else {
            CertificateError::NoCertificate
        }
    }
}

/// Sorts the PEM blocks of a text. Refuses a damaged one, and bytes that are no PEM.
pub(super) fn pem_blocks(text: &str) -> Result<Blocks, CertificateError> {
    let mut blocks = Blocks::default();
    let text = take_traditional_encryption(text, &mut blocks.encrypted_keys);
    for block in Pem::iter_from_buffer(text.as_bytes()) {
        blocks.add(block.map_err(|_| CertificateError::Unreadable)?);
    }
    Ok(blocks)
}

/// The text without the keys that OpenSSL encrypted in its traditional way: their
/// headers are no base64, and would make the reader call the block damaged.
fn take_traditional_encryption(text: &str, encrypted_keys: &mut usize) -> String {
    const BEGIN: &str = "-----BEGIN ";
    let mut parts = text.split(BEGIN);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if part.contains(TRADITIONAL_ENCRYPTION) {
            *encrypted_keys += 1;
        } else {
            kept.push_str(BEGIN);
            kept.push_str(part);
        }
    }
    kept
}
