//! Why a PFX file is not opened.

use microsoft::CertificateError;

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
