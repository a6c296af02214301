//! Opening PFX (PKCS#12, RFC 7292) files: the certificates and private keys in them.
//! The format needs ciphers that nothing else here uses, so it is opened on the
//! operator's machine only (decision 0013). Nothing of a key or password is in an
//! error.

use auth::secret::{ExposeSecret as _, SecretString};
use entra::CertificateError;
use entra::certificate::{Bundle, PrivateKeyDer};
use p12_keystore::{Pkcs12Archive, error::Error};

/// Why a PFX file was not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PfxError {
    /// The password is another.
    #[error("the password does not open this PFX file")]
    WrongPassword,
    /// A form of encryption, or of the file, that is not read here.
    #[error(
        "this PFX file is protected in a way that is not read here: convert it with \
         `openssl pkcs12 -in FILE -nodes -out certificate.pem` (old files: with -legacy), or \
         export it again with AES-256 and a password"
    )]
    Unsupported,
    /// Not as RFC 7292 has it.
    #[error("this PFX file is damaged: export it again")]
    Damaged,
    /// It was opened, but what is in it will not do.
    #[error(transparent)]
    Content(#[from] CertificateError),
}

/// Opens the DER of a PFX file. A file without a password is opened by the empty one.
pub fn open(der: &[u8], password: &SecretString) -> Result<Bundle, PfxError> {
    let archive = Pkcs12Archive::from_pkcs12(der, password.expose_secret()).map_err(told)?;
    let certificates = archive.certs.iter().map(|bag| bag.cert.as_der());
    let private_keys = archive.keys.iter().map(|bag| bag.key.as_der().to_vec());
    Ok(Bundle::new(
        &certificates.collect::<Vec<_>>(),
        private_keys.map(PrivateKeyDer::Pkcs8).collect(),
    )?)
}

fn told(error: Error) -> PfxError {
    match error {
        // The last two: a wrong key makes wrong padding where no MAC stands before.
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => PfxError::WrongPassword,
        Error::UnsupportedEncryptionScheme
        | Error::UnsupportedMacAlgorithm
        | Error::UnsupportedContentType
        | Error::UnsupportedCertificateType
        | Error::InvalidParameters
        | Error::InvalidVersion => PfxError::Unsupported,
        _ => PfxError::Damaged,
    }
}
