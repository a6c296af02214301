//! The certificates of a file of CAs: every block of it, or the first that cannot be used by its
//! number. A CA that is passed over would be missed much later, by a connection that fails.

use crate::certificate::pem::{Block, Content, Label, blocks};
use crate::certificate::{CertificateError, CertificateFacts, DamagedBlock, FileForm};

/// Why a file of CAs is not used. Nothing of its content is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum CaFileError {
    /// It is no file of certificates.
    #[error(transparent)]
    Form(#[from] CertificateError),
    /// Every kind of damage that has a number.
    #[error(transparent)]
    Damaged(#[from] DamagedBlock),
    #[error("PEM block {0} (CERTIFICATE) is no certificate, or a damaged one: export it again")]
    NoCertificate(usize),
    #[error("PEM block {0} (CERTIFICATE) has bytes after its certificate's end: export it again")]
    Longer(usize),
    #[error(
        "PEM block {0} is a private key: take it out, and take care who has read it; no one who \
         trusts a CA needs its key"
    )]
    PrivateKey(usize),
    /// Fails closed because the settings after the certificate may take trust away.
    #[error(
        "PEM block {0} (TRUSTED CERTIFICATE) has OpenSSL's trust settings, which are not read \
         here: convert it with `openssl x509 -in FILE -out ca.pem`"
    )]
    TrustSettings(usize),
    #[error(
        "PEM block {0} is a PKCS#7 bundle: take the certificates out of it with \
         `openssl pkcs7 -print_certs -in FILE -out ca.pem`"
    )]
    Pkcs7(usize),
    #[error("PEM block {0} ({1}) is no certificate: take it out")]
    Other(usize, Label),
    #[error("certificate {0} of it cannot be a CA: export it again")]
    NoAnchor(usize),
}

/// The DER of each certificate, in the order of the file; at least one.
pub(super) fn certificates(bytes: &[u8]) -> Result<Vec<Vec<u8>>, CaFileError> {
    match FileForm::recognise(bytes)? {
        FileForm::Pem(text) => blocks(&text)?.into_iter().map(certificate).collect(),
        FileForm::Der(der) => {
            // Read in full: a second certificate behind it would be passed over.
            let whole = CertificateFacts::from_der(&der)?.der.len() == der.len();
            let der = whole.then_some(der);
            Ok(vec![der.ok_or(CertificateError::NotRecognised)?])
        }
        FileForm::Pfx(_) => Err(CertificateError::Pfx.into()),
    }
}

fn certificate(block: Block) -> Result<Vec<u8>, CaFileError> {
    let number = block.number;
    let der = match (block.label, block.content) {
        (Label::Certificate, Content::Der(der)) => der,
        (Label::TrustedCertificate, _) => return Err(CaFileError::TrustSettings(number)),
        (Label::Pkcs7, _) => return Err(CaFileError::Pkcs7(number)),
        (Label::Pkcs8 | Label::Pkcs1 | Label::Sec1 | Label::EncryptedPkcs8, _) => {
            return Err(CaFileError::PrivateKey(number));
        }
        (label, _) => return Err(CaFileError::Other(number, label)),
    };
    match CertificateFacts::from_der(&der) {
        Err(_) => Err(CaFileError::NoCertificate(number)),
        Ok(facts) if facts.der.len() < der.len() => Err(CaFileError::Longer(number)),
        Ok(_) => Ok(der),
    }
}
