//! A certificate as an application's `keyCredentials` hold it: in the form of Microsoft
//! Graph and the manifest of today, and in that of the manifest of 2016.

use auth::encoding::base64_standard;
use auth::ports::Random;
use serde::Serialize;

use super::facts::CertificateFacts;

/// Longer display names are shortened by Microsoft Graph (keyCredential resource type).
const DISPLAY_NAME_CHARACTERS: usize = 90;

const KIND: &str = "AsymmetricX509Cert";
const USAGE: &str = "Verify";

/// An element of `keyCredentials` as Microsoft Graph and the manifest of today have it
/// (keyCredential resource type).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyCredential {
    /// Standard base64 of the SHA-1 of the certificate's DER.
    pub custom_key_identifier: String,
    /// The certificate's subject, 90 characters at most.
    pub display_name: String,
    /// `notAfter`, RFC 3339 in UTC.
    pub end_date_time: String,
    /// Standard base64 of the certificate's DER.
    pub key: String,
    /// A fresh GUID.
    pub key_id: String,
    /// `notBefore`, RFC 3339 in UTC.
    pub start_date_time: String,
    #[serde(rename = "type")]
    kind: &'static str,
    usage: &'static str,
}

/// An element of `keyCredentials` as the manifest of 2016 has it (Azure AD Graph; "Get
/// started with Office 365 Management APIs", 2016): the certificate is the `value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyCredential2016 {
    /// Standard base64 of the SHA-1 of the certificate's DER.
    pub custom_key_identifier: String,
    /// A fresh GUID.
    pub key_id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    usage: &'static str,
    /// Standard base64 of the certificate's DER.
    pub value: String,
}

impl KeyCredential {
    /// The key credential of a certificate, with a key ID of its own.
    pub fn of(certificate: &CertificateFacts, random: &dyn Random) -> Self {
        let subject = certificate.subject.chars();
        Self {
            custom_key_identifier: certificate.thumbprints().sha1.base64(),
            display_name: subject.take(DISPLAY_NAME_CHARACTERS).collect(),
            end_date_time: certificate.not_after.to_string(),
            key: base64_standard(&certificate.der),
            key_id: crate::guid::random_guid(random),
            start_date_time: certificate.not_before.to_string(),
            kind: KIND,
            usage: USAGE,
        }
    }

    /// The same credential in the form of 2016.
    pub fn in_form_of_2016(&self) -> KeyCredential2016 {
        KeyCredential2016 {
            custom_key_identifier: self.custom_key_identifier.clone(),
            key_id: self.key_id.clone(),
            kind: KIND,
            usage: USAGE,
            value: self.key.clone(),
        }
    }
}
