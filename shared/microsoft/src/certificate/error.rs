//! What can be wrong with a certificate, its key, or the file that they come in.
//! Every refusal is one line that says what it is and what to do; none carries key
//! material.

use auth::Timestamp;
use auth::text::NotText;

use super::pem::DamagedBlock;

/// Shorter RSA keys are refused by Entra ID ("make sure the key length is at least
/// 2048", Office 365 Management APIs, 2016).
pub(super) const RSA_MIN_BITS: usize = 2048;

/// Why a certificate cannot be used. No variant carries key material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// A PKCS#12 file where PEM is expected.
    #[error(
        "this is a PFX (PKCS#12) file: convert it with \
         `openssl pkcs12 -in FILE -nodes -out certificate.pem` and name that file"
    )]
    Pfx,
    /// No byte at all.
    #[error("the file is empty: export the certificate again")]
    Empty,
    /// Text in an encoding that is not read.
    #[error("the file is {0}")]
    NotText(NotText),
    /// Blocks in UTF-8 and in UTF-16: either way of reading loses some.
    #[error("the file is in two encodings, as PowerShell's >> leaves it: save all of it as UTF-8")]
    TwoEncodings,
    /// Bytes that are nothing known.
    #[error(
        "neither a certificate (PEM or DER) nor a PFX (PKCS#12) file, or a damaged one: \
         export the certificate again"
    )]
    NotRecognised,
    /// Text without a certificate.
    #[error(
        "no certificate found: expected a PEM block that begins with -----BEGIN CERTIFICATE-----"
    )]
    NoCertificate,
    /// A PKCS#10 request.
    #[error(
        "this is a certificate signing request, no certificate found: have it signed and name \
         the certificate that comes back"
    )]
    SigningRequest,
    /// A public key without the certificate around it.
    #[error(
        "this is a bare public key, no certificate found: name the certificate that was made \
         for it"
    )]
    PublicKeyOnly,
    /// A private key, encrypted or not.
    #[error(
        "no certificate found, only a private key: name the certificate that was made for it, \
         or a file that holds both"
    )]
    PrivateKeyOnly,
    /// A PKCS#7 bundle (`.p7b`).
    #[error(
        "this is a PKCS#7 bundle (.p7b): take the certificate out of it with \
         `openssl pkcs7 -print_certs -in FILE -out certificate.pem` (DER: with -inform DER)"
    )]
    Pkcs7,
    /// A keystore in Java's old formats.
    #[error(
        "this is a Java keystore (JKS): convert it with `keytool -importkeystore \
         -srckeystore FILE -destkeystore certificate.pfx -deststoretype PKCS12`"
    )]
    JavaKeystore,
    /// The certificate cannot be parsed.
    #[error("the certificate cannot be read, its PEM block is damaged: export it again")]
    Unreadable,
    /// A PEM block is damaged.
    #[error(transparent)]
    DamagedBlock(#[from] DamagedBlock),
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
    #[error(
        "the private key cannot be read as an RSA key of {RSA_MIN_BITS} to 8192 bits: use the \
         pair that was made together"
    )]
    UnusableKey,
    /// Not an RSA certificate.
    #[error("the certificate's key is not RSA: Entra ID takes RSA keys only, make a new one")]
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
    #[error(
        "expected JSON: {{\"certificate\": PEM, \"private_key\": PEM}}, each line break of the PEM \
         written as \\n"
    )]
    NotASecret,
    /// A new one could not be made.
    #[error("the certificate could not be made: {0}")]
    NotCreated(String),
}
