//! The certificate's private key, parsed once: parsing at every signature would cost
//! nearly twice the signature itself.

use std::fmt;

use auth::Timestamp;
use auth::encoding::base64url;
use auth::protocol::AssertionForm;
use auth::secret::{ExposeSecret, SecretString};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use serde::Deserialize;

use super::read::{CertificateError, CertificateFacts, PrivateKeyDer, private_key};

/// A key that signs client assertions, with its certificate.
pub struct SigningKey {
    pair: RsaKeyPair,
    certificate: CertificateFacts,
    sha1_thumbprint: String,
    sha256_thumbprint: String,
}

/// The cryptographic library refused to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key refused to sign")]
pub(crate) struct SigningFailed;

#[derive(Deserialize)]
struct CertificateSecret {
    certificate: SecretString,
    private_key: SecretString,
}

impl SigningKey {
    /// From the certificate secret: `{"certificate": PEM, "private_key": PEM}`.
    pub fn from_secret(secret: &SecretString, now: Timestamp) -> Result<Self, CertificateError> {
        let parts: CertificateSecret = serde_json::from_str(secret.expose_secret())
            .map_err(|_| CertificateError::NotASecret)?;
        Self::from_parts(
            parts.certificate.expose_secret(),
            parts.private_key.expose_secret(),
            now,
        )
    }

    /// From one PEM text that holds the certificate and its key.
    pub fn from_pem(text: &str, now: Timestamp) -> Result<Self, CertificateError> {
        Self::from_parts(text, text, now)
    }

    fn from_parts(certificate: &str, key: &str, now: Timestamp) -> Result<Self, CertificateError> {
        let certificate = CertificateFacts::from_pem(certificate)?;
        let key = private_key(key)?;
        // Said before the key is parsed: the library's own refusal of a short key
        // would not tell why.
        certificate.check(now)?;
        let pair = match key {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(&der),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(&der),
        }
        .map_err(|_| CertificateError::UnusableKey)?;
        let public: PublicKeyX509Der<'_> = pair
            .public_key()
            .as_der()
            .map_err(|_| CertificateError::UnusableKey)?;
        if public.as_ref() != certificate.public_key_der {
            return Err(CertificateError::KeyMismatch);
        }
        let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate.der);
        let sha256 = digest(&SHA256, &certificate.der);
        Ok(Self {
            sha1_thumbprint: base64url(sha1.as_ref()),
            sha256_thumbprint: base64url(sha256.as_ref()),
            pair,
            certificate,
        })
    }

    /// The certificate.
    pub fn certificate(&self) -> &CertificateFacts {
        &self.certificate
    }

    /// `x5t`: base64url of the SHA-1 of the certificate's DER.
    pub fn sha1_thumbprint(&self) -> &str {
        &self.sha1_thumbprint
    }

    /// `x5t#S256`: base64url of the SHA-256 of the certificate's DER.
    pub fn sha256_thumbprint(&self) -> &str {
        &self.sha256_thumbprint
    }

    /// Whether both belong to the same certificate.
    pub(crate) fn is_same(&self, other: &SigningKey) -> bool {
        self.certificate.der == other.certificate.der
    }

    pub(crate) fn sign(
        &self,
        form: AssertionForm,
        message: &[u8],
    ) -> Result<Vec<u8>, SigningFailed> {
        let padding: &'static dyn RsaEncoding = match form {
            AssertionForm::Ps256 => &RSA_PSS_SHA256,
            AssertionForm::Rs256 => &RSA_PKCS1_SHA256,
        };
        let mut signature = vec![0u8; self.pair.public_modulus_len()];
        // The library asks for a source of randomness for the PSS salt and takes its
        // own; it cannot be handed one of ours.
        self.pair
            .sign(padding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SigningFailed)?;
        Ok(signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("sha256_thumbprint", &self.sha256_thumbprint)
            .finish_non_exhaustive()
    }
}
