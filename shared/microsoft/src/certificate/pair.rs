//! A certificate with its private key as the certificate's secret holds them:
//! `{"certificate": PEM, "private_key": PEM}`, of a file nothing else.

use auth::Timestamp;
use auth::secret::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::bundle::Bundle;
use super::create::CreatedCertificate;
use super::error::CertificateError;
use super::facts::CertificateFacts;
use super::pem::armoured;
use super::private_key::PrivateKeyDer;
use super::signing_key::{CertificateSecret, SigningKey};

/// A pair that Entra ID can be asked with now.
#[derive(Debug)]
pub struct CertificatePair {
    /// The certificate.
    pub certificate: CertificateFacts,
    /// The text for the secret.
    pub secret: SecretString,
}

impl Bundle {
    /// The certificate that counts and its key; refuses what a function would refuse.
    pub fn pair(&self, now: Timestamp) -> Result<CertificatePair, CertificateError> {
        let certificate = SigningKey::from_bundle(self, now)?.certificate().clone();
        let key = self.chosen(now).key.and_then(PrivateKeyDer::to_pem);
        let key = key.ok_or(CertificateError::UnusableKey)?;
        let secret = text(&armoured("CERTIFICATE", &certificate.der), &key);
        // What is handed out is what the functions will read.
        SigningKey::from_secret(&secret, now)?;
        Ok(CertificatePair {
            certificate,
            secret,
        })
    }
}

impl CreatedCertificate {
    /// The text for the secret.
    pub fn secret(&self) -> SecretString {
        text(&self.certificate_pem, &self.private_key_pem)
    }
}

impl CertificateFacts {
    /// What the certificate of a secret's text says, whether or not it will do.
    pub fn of_secret(secret: &SecretString, now: Timestamp) -> Result<Self, CertificateError> {
        let parts = CertificateSecret::read(secret)?;
        let bundle = Bundle::from_pem(parts.certificate.expose_secret())?;
        Ok(bundle.chosen(now).certificate.clone())
    }
}

impl PrivateKeyDer {
    /// Unencrypted PEM; `None` for a key that signs nothing here.
    fn to_pem(&self) -> Option<SecretString> {
        match self {
            Self::Pkcs8(der) => Some(armoured("PRIVATE KEY", der).into()),
            Self::Pkcs1(der) => Some(armoured("RSA PRIVATE KEY", der).into()),
            Self::Sec1 => None,
        }
    }
}

fn text(certificate: &str, private_key: &SecretString) -> SecretString {
    let text = json!({"certificate": certificate, "private_key": private_key.expose_secret()});
    text.to_string().into()
}
