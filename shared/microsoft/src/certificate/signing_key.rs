//! The certificate's private key, parsed once: parsing at every signature would cost
//! nearly twice the signature itself.

use std::fmt;

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{AssertionSigner, CertificateIdentity, SigningError};
use auth::protocol::AssertionForm;
use auth::secret::{ExposeSecret, SecretString};
use auth::text::decoded;
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use serde::Deserialize;

use super::bundle::{Bundle, Chosen, pem_blocks};
use super::error::CertificateError;
use super::facts::CertificateFacts;

/// A key that signs client assertions, with its certificate.
pub struct SigningKey {
    pair: RsaKeyPair,
    certificate: CertificateFacts,
    identity: CertificateIdentity,
}

/// What the certificate's secret holds.
#[derive(Deserialize)]
pub(super) struct CertificateSecret {
    pub(super) certificate: SecretString,
    private_key: SecretString,
}

impl CertificateSecret {
    pub(super) fn read(secret: &SecretString) -> Result<Self, CertificateError> {
        let text = decoded(secret.expose_secret().as_bytes());
        let text = text.map_err(|_| CertificateError::NotASecret)?;
        serde_json::from_str(&text).map_err(|_| CertificateError::NotASecret)
    }
}

impl SigningKey {
    /// From the certificate secret: `{"certificate": PEM, "private_key": PEM}`.
    pub fn from_secret(secret: &SecretString, now: Timestamp) -> Result<Self, CertificateError> {
        let parts = CertificateSecret::read(secret)?;
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
        Self::from_bundle(&bundle(certificate, key)?, now)
    }

    /// From a file: the certificate that counts, and the key that belongs to it.
    pub(super) fn from_bundle(bundle: &Bundle, now: Timestamp) -> Result<Self, CertificateError> {
        check_keys(bundle)?;
        let Chosen {
            certificate, key, ..
        } = bundle.chosen(now);
        // Said before the key is parsed: the library's own refusal of a short key
        // would not tell why.
        certificate.check(now)?;
        let key = match (key, bundle.private_keys.first()) {
            (Some(key), _) => key,
            (None, Some(key)) if key.rsa_key_pair().is_some() => {
                return Err(CertificateError::KeyMismatch);
            }
            (None, _) => return Err(CertificateError::UnusableKey),
        };
        let pair = key.rsa_key_pair().ok_or(CertificateError::UnusableKey)?;
        // What a key states of its public half was compared; this is what it signs for.
        let public: PublicKeyX509Der<'_> = pair
            .public_key()
            .as_der()
            .map_err(|_| CertificateError::UnusableKey)?;
        if public.as_ref() != certificate.public_key_der {
            return Err(CertificateError::KeyMismatch);
        }
        Ok(Self {
            identity: identity_of(certificate),
            pair,
            certificate: certificate.clone(),
        })
    }

    /// The certificate.
    pub fn certificate(&self) -> &CertificateFacts {
        &self.certificate
    }

    /// `x5t#S256`: base64url of the SHA-256 of the certificate's DER.
    pub fn sha256_thumbprint(&self) -> &str {
        &self.identity.sha256_thumbprint
    }
}

#[async_trait]
impl AssertionSigner for SigningKey {
    fn identity(&self) -> &CertificateIdentity {
        &self.identity
    }

    async fn sign(&self, form: AssertionForm, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let padding: &'static dyn RsaEncoding = match form {
            AssertionForm::Ps256 => &RSA_PSS_SHA256,
            AssertionForm::Rs256 => &RSA_PKCS1_SHA256,
        };
        let mut signature = vec![0u8; self.pair.public_modulus_len()];
        // The library asks for a source of randomness for the PSS salt and takes its
        // own; it cannot be handed one of ours.
        let signed = self
            .pair
            .sign(padding, &SystemRandom::new(), message, &mut signature);
        match signed {
            Ok(()) => Ok(signature),
            Err(_) => Err(SigningError::Refused("the library gives no reason".into())),
        }
    }
}

fn identity_of(certificate: &CertificateFacts) -> CertificateIdentity {
    let thumbprints = certificate.thumbprints();
    CertificateIdentity {
        sha1_thumbprint: thumbprints.sha1.base64url(),
        sha256_thumbprint: thumbprints.sha256.base64url(),
        expires_at: certificate.not_after,
    }
}

/// The certificates of one text with the private keys of the other.
fn bundle(certificates: &str, keys: &str) -> Result<Bundle, CertificateError> {
    let mut bundle = Bundle::from_pem(certificates)?;
    let keys = pem_blocks(keys)?;
    bundle.private_keys = keys.private_keys;
    bundle.encrypted_keys = keys.encrypted_keys;
    Ok(bundle)
}

/// Said before anything of the certificate: without a key nothing else matters.
fn check_keys(bundle: &Bundle) -> Result<(), CertificateError> {
    match (bundle.private_keys.is_empty(), bundle.encrypted_keys) {
        (false, _) => Ok(()),
        (true, 0) => Err(CertificateError::NoKey),
        (true, _) => Err(CertificateError::EncryptedKey),
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("sha256_thumbprint", &self.identity.sha256_thumbprint)
            .finish_non_exhaustive()
    }
}
