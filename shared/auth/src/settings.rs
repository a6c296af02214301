//! Settings, parsed once at start from a lookup that is passed in. All problems are
//! reported together, each with the variable's name; an unknown choice is an error,
//! never a default. Variables that concern a secret hold its name, never its value.
//!
//! Here are the reader and the settings that everything shares; a function's own
//! settings are in `shared/lambda`.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use url::Url;

use crate::caller::is_https_or_loopback;
use crate::identifiers::Resource;
use crate::ports::DeployedSecret;
use crate::protocol::{AssertionForm, AuthorityConfig, TokenEndpoint};
use crate::requirements::Requirements;
use crate::ring::RING_MAX_AGE;
use crate::schedule::RefreshSchedule;
use crate::text::{Shown, is_certainly_secret, shown, shown_secret};

/// Where settings come from: the process environment, or a map.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Everything that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError(pub Vec<String>);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings: {}", self.0.join("; "))
    }
}

/// Reads variables and collects what is wrong with them.
pub struct Reader<'a> {
    lookup: Lookup<'a>,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    /// A reader that has found nothing wrong yet.
    pub fn new(lookup: Lookup<'a>) -> Self {
        Self {
            lookup,
            problems: Vec::new(),
        }
    }

    /// A variable that may be missing.
    pub fn text(&mut self, name: &str) -> Option<String> {
        (self.lookup)(name)
    }

    /// A variable that must be there and holds a name; `what` says what it names.
    pub fn required_text(&mut self, name: &str, what: &str) -> Option<String> {
        let value = self.text(name);
        if value.is_none() {
            self.problem(name, format_args!("is not set: it holds {what}"));
        }
        self.named(name, value?, shown)
    }

    /// As [`required_text`](Self::required_text), of a secret's name.
    pub fn required_secret_name(&mut self, name: &str, what: &str) -> Option<String> {
        match self.text(name) {
            Some(value) => self.named(name, value, shown_secret),
            None => self.required_text(name, what),
        }
    }

    /// The name of a secret that may be missing.
    pub fn secret_name(&mut self, name: &str) -> Option<String> {
        let value = self.text(name)?;
        self.named(name, value, shown_secret)
    }

    /// Refuses what is given in a name's place by mistake: it would go into requests and
    /// into what others say about them.
    fn named(&mut self, name: &str, value: String, show: fn(&str) -> Shown<'_>) -> Option<String> {
        if is_certainly_secret(&value) {
            self.problem(name, format_args!("is {}", show(&value)));
            return None;
        }
        Some(value)
    }

    /// As [`required_text`](Self::required_text), parsed.
    pub fn required<T: FromStr<Err: fmt::Display>>(&mut self, name: &str, what: &str) -> Option<T> {
        let value = self.required_text(name, what)?;
        self.parse(name, &value)
    }

    /// A variable that may be missing, parsed.
    pub fn optional<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let value = self.text(name)?;
        self.parse(name, &value)
    }

    /// Whole seconds within a range.
    pub fn seconds(
        &mut self,
        name: &str,
        default: u64,
        range: std::ops::RangeInclusive<u64>,
    ) -> Duration {
        let seconds = self.number(name, default, range);
        Duration::from_secs(seconds)
    }

    /// A whole number within a range.
    pub fn number(
        &mut self,
        name: &str,
        default: u64,
        range: std::ops::RangeInclusive<u64>,
    ) -> u64 {
        let Some(text) = self.text(name) else {
            return default;
        };
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let (low, high) = range.into_inner();
            self.problem(
                name,
                format_args!("must be a whole number from {low} to {high}"),
            );
        }
        number.unwrap_or(default)
    }

    /// Notes what is wrong with a variable.
    pub fn problem(&mut self, name: &str, problem: impl fmt::Display) {
        self.problems.push(format!("{name} {problem}"));
    }

    fn parse<T: FromStr<Err: fmt::Display>>(&mut self, name: &str, value: &str) -> Option<T> {
        match value.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(name, error);
                None
            }
        }
    }

    /// The settings, unless something was wrong. `None` only ever comes with a problem.
    pub fn finish<T>(self, settings: Option<T>) -> Result<T, SettingsError> {
        match settings {
            Some(settings) if self.problems.is_empty() => Ok(settings),
            _ => Err(SettingsError(self.problems)),
        }
    }
}

/// The settings of all functions.
#[derive(Debug, Clone)]
pub struct EntraSettings {
    /// `ENTRA_CLIENT_ID`, `ENTRA_CLOUD`, `ENTRA_AUTHORITY`, `ENTRA_TOKEN_ENDPOINT`,
    /// `ENTRA_ASSERTION`.
    pub authority: AuthorityConfig,
    /// `ENTRA_RESOURCES`, `ENTRA_REQUIRED_ROLES`.
    pub requirements: Requirements,
    /// `TABLE_NAME`.
    pub table_name: String,
    /// `CERTIFICATE_SECRET_ID`.
    pub certificate_secret_id: String,
    /// `SECRET_MAX_AGE_SECONDS`: certificate and sealing ring are read again when they are
    /// older. At most [`RING_MAX_AGE`], because a rotation of the ring waits for that long.
    pub secret_max_age: Duration,
    /// `EXTRA_CA_FILE`: a PEM file with CAs that are trusted besides the system's when
    /// Entra ID, an issuer or AWS is asked, for instance that of a proxy that opens TLS.
    /// Read and checked at start by whoever asks.
    pub extra_ca_file: Option<PathBuf>,
}

impl EntraSettings {
    /// Reads the settings that all functions share.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let client_id = reader.required("ENTRA_CLIENT_ID", "the application (client) ID");
        let table_name = reader.required_text("TABLE_NAME", "the table's name");
        let certificate_secret_id = reader.required_secret_name(
            DeployedSecret::Certificate.variable(),
            "the name of the secret with the certificate and its key",
        );
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
            table_name: table_name?,
            certificate_secret_id: certificate_secret_id?,
            secret_max_age,
            extra_ca_file: reader.text("EXTRA_CA_FILE").map(PathBuf::from),
        })
    }
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
