//! Making a self-signed certificate with a fresh RSA key. Entra ID matches the
//! registered key itself and follows no chain, so self-signed is as good as bought.

use std::time::Duration;

use auth::Timestamp;
use auth::secret::SecretString;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize};

use super::error::CertificateError;

/// Valid from a little before now, for the clocks of others.
const BACKDATED: Duration = Duration::from_secs(60 * 60);

/// A new certificate with its key.
#[derive(Debug)]
pub struct CreatedCertificate {
    /// The certificate, PEM.
    pub certificate_pem: String,
    /// The DER of the certificate.
    pub der: Vec<u8>,
    /// The private key, PEM (PKCS#8, unencrypted).
    pub private_key_pem: SecretString,
}

/// How long a new RSA key is. Entra ID takes nothing shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RsaLength {
    /// 2048 bits.
    Bits2048,
    /// 3072 bits.
    Bits3072,
    /// 4096 bits: a signature costs some five times that of 2048.
    Bits4096,
}

/// Makes an RSA-2048 key and a certificate over it for `common_name`, valid for `days`.
pub fn create(
    common_name: &str,
    days: u32,
    now: Timestamp,
) -> Result<CreatedCertificate, CertificateError> {
    create_with(common_name, RsaLength::Bits2048, days, now)
}

/// The same with a key of that length.
pub fn create_with(
    common_name: &str,
    length: RsaLength,
    days: u32,
    now: Timestamp,
) -> Result<CreatedCertificate, CertificateError> {
    let failed = |error: rcgen::Error| CertificateError::NotCreated(error.to_string());
    let size = match length {
        RsaLength::Bits2048 => RsaKeySize::_2048,
        RsaLength::Bits3072 => RsaKeySize::_3072,
        RsaLength::Bits4096 => RsaKeySize::_4096,
    };
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size).map_err(failed)?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = name;
    parameters.not_before = instant(now - BACKDATED)?;
    parameters.not_after = instant(now + Duration::from_secs(u64::from(days) * 24 * 60 * 60))?;
    let certificate = parameters.self_signed(&key).map_err(failed)?;
    Ok(CreatedCertificate {
        certificate_pem: certificate.pem(),
        der: certificate.der().to_vec(),
        private_key_pem: key.serialize_pem().into(),
    })
}

fn instant(at: Timestamp) -> Result<time::OffsetDateTime, CertificateError> {
    time::OffsetDateTime::from_unix_timestamp(at.unix())
        .map_err(|_| CertificateError::NotCreated("a date out of range".to_owned()))
}
