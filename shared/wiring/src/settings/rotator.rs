//! The settings of the rotator.

use std::time::Duration;

use auth::TenantId;
use auth::url_rules::is_https_or_loopback;
use url::Url;

use super::entra::{EntraSettings, SigningSettings};
use super::function::FunctionSettings;
use super::reader::Reader;

const GRAPH_URL: &str = "ENTRA_GRAPH_URL";
const HOUR: u64 = 3600;

/// The settings of the rotator.
#[derive(Debug, Clone)]
pub struct RotatorSettings {
    /// What it shares with everything that signs.
    pub signing: SigningSettings,
    /// `ENTRA_HOME_TENANT`: the tenant that the application is registered in.
    pub home: TenantId,
    /// `ENTRA_GRAPH_URL`: Microsoft Graph, in place of the cloud's own host.
    pub graph: Option<Url>,
    /// `ROTATION_OVERLAP_HOURS` (24): for so long after a rotation the certificate before stays
    /// registered. Functions read the secret again after a quarter of an hour.
    pub overlap: Duration,
    /// `ROTATION_VALIDITY_DAYS` (180): how long a new certificate is valid.
    pub validity_days: u32,
}

impl FunctionSettings for RotatorSettings {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let signing = SigningSettings::read(reader);
        let home = reader.required(
            "ENTRA_HOME_TENANT",
            "the tenant that the application is registered in",
        );
        let graph = graph(reader);
        let overlap = reader.number("ROTATION_OVERLAP_HOURS", 24, 1..=720);
        let validity_days = reader.number("ROTATION_VALIDITY_DAYS", 180, 14..=730);
        Some(Self {
            signing: signing?,
            home: home?,
            graph,
            overlap: Duration::from_secs(overlap * HOUR),
            validity_days: u32::try_from(validity_days).ok()?,
        })
    }

    fn entra(&self) -> &EntraSettings {
        &self.signing.entra
    }
}

fn graph(reader: &mut Reader<'_>) -> Option<Url> {
    let url: Url = reader.optional(GRAPH_URL)?;
    if !is_https_or_loopback(&url) || url.query().is_some() || url.cannot_be_a_base() {
        reader.problem(
            GRAPH_URL,
            "must be a base URL with https, or with http on loopback",
        );
        return None;
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::SettingsError;
    use crate::settings::tests::{GOOD, read_from};

    const HOME: (&str, &str) = ("ENTRA_HOME_TENANT", "11111111-2222-3333-4444-555555555555");

    fn read(more: &[(&str, &str)]) -> Result<RotatorSettings, Vec<String>> {
        let pairs = [more, &GOOD[..]].concat();
        read_from::<RotatorSettings>(&pairs).map_err(|SettingsError(problems)| problems)
    }

    #[test]
    fn the_home_tenant_must_be_known_and_the_rest_has_defaults() {
        let settings = read(&[HOME]).unwrap();
        assert_eq!(settings.overlap, Duration::from_secs(24 * HOUR));
        assert_eq!(settings.validity_days, 180);
        assert_eq!(settings.graph, None);
        let problems = read(&[]).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("ENTRA_HOME_TENANT is not set"));
    }

    #[test]
    fn what_cannot_be_taken_is_a_problem_of_its_variable() {
        let rows = [
            ("ENTRA_HOME_TENANT", "contoso.com"),
            ("ROTATION_OVERLAP_HOURS", "0"),
            ("ROTATION_OVERLAP_HOURS", "721"),
            ("ROTATION_VALIDITY_DAYS", "13"),
            ("ROTATION_VALIDITY_DAYS", "a year"),
            ("ENTRA_GRAPH_URL", "http://graph.example"),
            ("ENTRA_GRAPH_URL", "https://graph.example/?x=1"),
            ("ENTRA_GRAPH_URL", "graph"),
        ];
        for (name, value) in rows {
            let problems = read(&[(name, value), HOME]).map(drop).unwrap_err();
            assert_eq!(problems.len(), 1, "{name}={value}: {problems:?}");
            assert!(problems[0].starts_with(name), "{problems:?}");
        }
    }
}
