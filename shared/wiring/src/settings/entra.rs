//! The settings that several functions and the operator's tool share: how Entra ID is
//! asked, and where tokens are opened.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use auth::ports::DeployedSecret;
use auth::protocol::{AssertionForm, AuthorityConfig, TokenEndpoint};
use auth::requirements::Requirements;
use auth::ring::RING_MAX_AGE;
use auth::schedule::RefreshSchedule;
use auth::url_rules::is_https_or_loopback;
use auth::{Cloud, Resource};
use microsoft::{TrustError, TrustRoots};
use url::Url;

use super::reader::Reader;
use super::tables::TableNames;

/// The settings of all functions.
#[derive(Debug, Clone)]
pub struct EntraSettings {
    /// `ENTRA_CLIENT_ID`, `ENTRA_CLOUD`, `ENTRA_AUTHORITY`, `ENTRA_TOKEN_ENDPOINT`,
    /// `ENTRA_ASSERTION`.
    pub authority: AuthorityConfig,
    /// `ENTRA_RESOURCES`, `ENTRA_REQUIRED_ROLES`.
    pub requirements: Requirements,
    /// `TABLE_NAME`, `CONTROL_TABLE_NAME`.
    pub tables: TableNames,
    /// `SECRET_MAX_AGE_SECONDS`: certificate and sealing ring are read again when they are
    /// older. At most [`RING_MAX_AGE`], because a rotation of the ring waits for that long.
    pub secret_max_age: Duration,
    /// `EXTRA_CA_FILE`: a PEM file with CAs that are trusted besides the system's when
    /// Entra ID, an issuer or AWS is asked, for instance that of a proxy that opens TLS.
    /// Read and checked by [`trust_roots`](Self::trust_roots).
    pub extra_ca_file: Option<PathBuf>,
}

impl EntraSettings {
    /// Reads the settings that all functions share.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let client_id = reader.required("ENTRA_CLIENT_ID", "the application (client) ID");
        let tables = TableNames::read(reader);
        let longest = RING_MAX_AGE.as_secs();
        let secret_max_age = reader.seconds("SECRET_MAX_AGE_SECONDS", longest, 60..=longest);
        let authority = AuthorityConfig {
            cloud: reader.optional("ENTRA_CLOUD").unwrap_or_default(),
            authority: authority(reader),
            token_endpoint: reader
                .optional("ENTRA_TOKEN_ENDPOINT")
                .unwrap_or(TokenEndpoint::V2),
            assertion: reader
                .optional("ENTRA_ASSERTION")
                .unwrap_or(AssertionForm::Ps256),
            client_id: client_id?,
        };
        Some(Self {
            requirements: requirements(reader).registered_in(authority.cloud),
            authority,
            tables: tables?,
            secret_max_age,
            extra_ca_file: reader.text("EXTRA_CA_FILE").map(PathBuf::from),
        })
    }

    /// The CAs that are trusted besides the system's. Reads and checks their file.
    pub fn trust_roots(&self) -> Result<TrustRoots, TrustError> {
        TrustRoots::load(self.extra_ca_file.as_deref())
    }
}

/// The settings of everything that asks Entra ID for tokens: refresher, operator's tool.
#[derive(Debug, Clone)]
pub struct SigningSettings {
    /// What all share.
    pub entra: EntraSettings,
    /// `CERTIFICATE_SECRET_ID`.
    pub certificate_secret_id: String,
}

impl SigningSettings {
    /// Reads the settings of everything that signs.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let entra = EntraSettings::read(reader);
        let certificate_secret_id = read_certificate(reader);
        Some(Self {
            entra: entra?,
            certificate_secret_id: certificate_secret_id?,
        })
    }
}

/// The settings of everything that renews tokens: refresher, operator's tool.
#[derive(Debug, Clone)]
pub struct RenewalSettings {
    /// What it shares with everything that opens tokens.
    pub tokens: TokenSettings,
    /// `CERTIFICATE_SECRET_ID`.
    pub certificate_secret_id: String,
}

impl RenewalSettings {
    /// Reads the settings of everything that renews tokens.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let tokens = TokenSettings::read(reader);
        let certificate_secret_id = read_certificate(reader);
        Some(Self {
            tokens: tokens?,
            certificate_secret_id: certificate_secret_id?,
        })
    }

    /// How it signs.
    pub fn signing(&self) -> SigningSettings {
        SigningSettings {
            entra: self.tokens.entra.clone(),
            certificate_secret_id: self.certificate_secret_id.clone(),
        }
    }
}

fn read_certificate(reader: &mut Reader<'_>) -> Option<String> {
    reader.required_secret_name(
        DeployedSecret::Certificate.variable(),
        "the name of the secret with the certificate and its key",
    )
}

/// The settings of everything that opens tokens: refresher, vending, operator's tool.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// What all share.
    pub entra: EntraSettings,
    /// `SEALING_KEYS_SECRET_ID`.
    pub sealing_keys_secret_id: String,
    /// `OUTAGE_TO_SURVIVE_SECONDS`, `REVOCATION_CONFIRM_SECONDS` and `REFRESH_EVERY_SECONDS`.
    /// The last one must say how often the refresher runs: it is part of the lead with which
    /// tokens are renewed.
    pub schedule: RefreshSchedule,
}

impl TokenSettings {
    /// Reads the settings of everything that opens tokens.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let entra = EntraSettings::read(reader);
        let sealing_keys_secret_id = reader.required_secret_name(
            DeployedSecret::SealingRing.variable(),
            "the name of the secret with the sealing ring",
        );
        let schedule = RefreshSchedule {
            outage_to_survive: reader.seconds("OUTAGE_TO_SURVIVE_SECONDS", 900, 0..=7200),
            period: reader.seconds("REFRESH_EVERY_SECONDS", 300, 1..=3600),
            confirm_after: reader.seconds("REVOCATION_CONFIRM_SECONDS", 300, 60..=3600),
        };
        Some(Self {
            entra: entra?,
            sealing_keys_secret_id: sealing_keys_secret_id?,
            schedule,
        })
    }
}

fn authority(reader: &mut Reader<'_>) -> Option<Url> {
    let url: Url = reader.optional("ENTRA_AUTHORITY")?;
    if !is_https_or_loopback(&url) || url.query().is_some() || url.cannot_be_a_base() {
        reader.problem(
            "ENTRA_AUTHORITY",
            "must be a base URL with https, or with http on loopback",
        );
        return None;
    }
    Some(url)
}

/// The base URL of Entra ID, for what needs nothing else of it.
pub fn read_authority(reader: &mut Reader<'_>) -> Option<String> {
    let cloud: Cloud = reader.optional("ENTRA_CLOUD").unwrap_or_default();
    let url = authority(reader);
    Some(match url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => cloud.authority().to_owned(),
    })
}

fn requirements(reader: &mut Reader<'_>) -> Requirements {
    let resources = resources(reader);
    let roles = roles(reader, resources.as_deref().and_then(<[Resource]>::first));
    Requirements::new(resources, roles)
}

fn resources(reader: &mut Reader<'_>) -> Option<Vec<Resource>> {
    let text = reader.text("ENTRA_RESOURCES")?;
    let parsed: Result<Vec<Resource>, _> = list(&text).map(str::parse).collect();
    match parsed {
        Ok(resources) if has_twice(&resources) => {
            reader.problem("ENTRA_RESOURCES", "names a resource twice");
            None
        }
        Ok(resources) if !resources.is_empty() => Some(resources),
        Ok(_) => {
            reader.problem("ENTRA_RESOURCES", "names no resource");
            None
        }
        Err(error) => {
            reader.problem(
                "ENTRA_RESOURCES",
                format_args!("holds an entry that is {error}"),
            );
            None
        }
    }
}

fn has_twice(resources: &[Resource]) -> bool {
    let mut seen = BTreeSet::new();
    !resources.iter().all(|resource| seen.insert(resource))
}

/// The default fits the management API only: for another first resource the roles
/// have to be named, or no token would ever hold them.
fn roles(reader: &mut Reader<'_>, first: Option<&Resource>) -> Vec<String> {
    let name = "ENTRA_REQUIRED_ROLES";
    let text = match reader.text(name) {
        Some(text) => text,
        None if first.is_none_or(Resource::is_management_api) => "ActivityFeed.Read".to_owned(),
        None => {
            reader.problem(
                name,
                "is not set: it names roles of the resource in ENTRA_RESOURCES",
            );
            return Vec::new();
        }
    };
    let roles: Vec<String> = list(&text).map(str::to_owned).collect();
    if roles.is_empty() {
        reader.problem(name, "names no role: a token without roles opens nothing");
    }
    roles
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}
