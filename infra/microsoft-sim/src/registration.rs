//! An application's registration, in the vocabulary of its manifest.
//!
//! Plain data: what is registered here is checked, and its certificates parsed,
//! when the directory takes it in (`directory/applications.rs`).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::platform::{RandomnessFailed, random_uuid};

/// An application as its owner registered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// The application (client) ID.
    pub client_id: Uuid,
    /// The name that the consent page shows.
    pub display_name: String,
    /// The simulated tenant that owns the application. `None` is a publisher
    /// outside the simulated tenants, the usual case for a multi-tenant one.
    #[serde(default)]
    pub home_tenant: Option<Uuid>,
    /// `signInAudience` is `AzureADMultipleOrgs`.
    pub multi_tenant: bool,
    /// Reply URLs, matched exactly: https (http for localhost), at most 256 of
    /// at most 256 characters.
    pub redirect_uris: Vec<String>,
    /// Certificates that may sign client assertions.
    #[serde(default)]
    pub key_credentials: Vec<KeyCredential>,
    /// Client secrets, as values (not their identifiers).
    #[serde(default)]
    pub client_secrets: Vec<String>,
    /// `requiredResourceAccess`: what an admin's consent grants.
    #[serde(default)]
    pub required_roles: Vec<RequiredResource>,
    /// `groupMembershipClaims` is `DirectoryRole`: v2.0 ID tokens carry `wids`.
    #[serde(default)]
    pub group_membership_claims_directory_role: bool,
}

/// Permissions that an application requires of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequiredResource {
    /// Application ID URI or application ID of the resource, for instance
    /// `https://manage.office.com`.
    pub resource: String,
    /// Names of the application roles (`Role` entries). The delegated scopes of
    /// the same names are required with them.
    pub roles: Vec<String>,
    /// Names of the delegated scopes (`Scope` entries) that are required besides
    /// those. With no roles at all, a consent gives the application nothing that
    /// an app-only token could carry.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl RequiredResource {
    /// Every delegated scope that is required, each once.
    /// Assumption `scopes-mirror-roles`.
    pub(crate) fn delegated(&self) -> impl Iterator<Item = &str> {
        let besides = self.scopes.iter();
        let besides = besides.filter(|scope| !self.roles.contains(scope));
        self.roles.iter().chain(besides).map(String::as_str)
    }
}

/// One entry of `keyCredentials`, as Microsoft Graph names the fields (the old
/// manifest's `value` is read as `key`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyCredential {
    /// Standard base64 of the SHA-1 of the certificate's DER.
    pub custom_key_identifier: String,
    /// A GUID of its own.
    pub key_id: Uuid,
    /// `AsymmetricX509Cert`.
    pub r#type: String,
    /// `Verify`.
    pub usage: String,
    /// Standard base64 of the certificate's DER.
    #[serde(alias = "value")]
    pub key: String,
    /// A name for people, at most 90 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// ISO 8601, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date_time: Option<String>,
    /// ISO 8601, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date_time: Option<String>,
}

/// Why no key credential could be made from a certificate.
#[derive(Debug, thiserror::Error)]
pub enum KeyCredentialError {
    /// The bytes are not a DER certificate.
    #[error("not a DER-encoded X.509 certificate")]
    NotACertificate,
    /// No key id could be drawn.
    #[error(transparent)]
    Randomness(#[from] RandomnessFailed),
}

impl KeyCredential {
    /// The credential for a certificate, with a fresh key id and the
    /// certificate's own validity.
    pub fn from_certificate_der(der: &[u8]) -> Result<Self, KeyCredentialError> {
        let (_, certificate) = x509_parser::parse_x509_certificate(der)
            .map_err(|_| KeyCredentialError::NotACertificate)?;
        let validity = certificate.validity();
        let thumbprint = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der);
        Ok(Self {
            custom_key_identifier: STANDARD.encode(thumbprint),
            key_id: random_uuid()?,
            r#type: "AsymmetricX509Cert".to_owned(),
            usage: "Verify".to_owned(),
            key: STANDARD.encode(der),
            display_name: Some(certificate.subject().to_string().chars().take(90).collect()),
            start_date_time: iso(validity.not_before.timestamp()),
            end_date_time: iso(validity.not_after.timestamp()),
        })
    }
}

fn iso(unix_seconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(unix_seconds)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
}
