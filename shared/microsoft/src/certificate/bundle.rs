//! The certificates and private keys of one file, and which certificate counts: one that
//! a key of the file belongs to, else a leaf. Of several of that kind the one that is
//! valid now, wherever it stands: files keep a certificate beside the one that renewed it.

use auth::Timestamp;

use super::error::CertificateError;
use super::facts::CertificateFacts;
use super::file_form::FileForm;
use super::pem::{self, Block, Content, Label};
use super::private_key::PrivateKeyDer;

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

    /// From PEM text, whatever became of its line breaks.
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
    pkcs12: bool,
}

impl Blocks {
    fn add(&mut self, block: Block) {
        let der = match block.content {
            Content::Der(der) => der,
            Content::Encrypted => {
                self.encrypted_keys += 1;
                return;
            }
        };
        match block.label {
            Label::Certificate | Label::TrustedCertificate => self.certificates.push(der),
            Label::Pkcs8 => self.private_keys.push(PrivateKeyDer::Pkcs8(der)),
            Label::Pkcs1 => self.private_keys.push(PrivateKeyDer::Pkcs1(der)),
            Label::Sec1 => self.private_keys.push(PrivateKeyDer::Sec1),
            Label::EncryptedPkcs8 => self.encrypted_keys += 1,
            Label::Request => self.signing_request = true,
            Label::PublicKey => self.public_key = true,
            Label::Pkcs7 => self.pkcs7 = true,
            Label::Pkcs12 => self.pkcs12 = true,
            Label::RevocationList | Label::Other => {}
        }
    }

    fn instead_of_a_certificate(&self) -> CertificateError {
        if self.signing_request {
            CertificateError::SigningRequest
        } else if self.pkcs7 {
            CertificateError::Pkcs7
        } else if self.pkcs12 {
            CertificateError::Pfx
        } else if self.encrypted_keys > 0 || !self.private_keys.is_empty() {
            CertificateError::PrivateKeyOnly
        } else if self.public_key {
            CertificateError::PublicKeyOnly
        } else {
            CertificateError::NoCertificate
        }
    }
}

/// Sorts the PEM blocks of a text, or takes the certificate that stands there in base64
/// alone. Refuses a damaged block, and a PFX file by name.
pub(super) fn pem_blocks(text: &str) -> Result<Blocks, CertificateError> {
    let mut blocks = Blocks::default();
    match FileForm::recognise(text.as_bytes()) {
        Ok(FileForm::Pem(text)) => pem::blocks(&text)?
            .into_iter()
            .for_each(|one| blocks.add(one)),
        Ok(FileForm::Der(der)) => blocks.certificates.push(der),
        Ok(FileForm::Pfx(_)) => return Err(CertificateError::Pfx),
        // What is missing is said by what was wanted.
        Err(_) => {}
    }
    Ok(blocks)
}
