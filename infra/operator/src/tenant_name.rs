//! A tenant as a person names it: by its ID, or by one of its domains. A domain is looked up at
//! Entra ID before the command begins, in the metadata that Entra ID publishes of every tenant.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use auth::TenantId;
use auth::text::shown;
use microsoft::{DomainError, TrustRoots};
use wiring::settings::{Lookup, read_authority};

use crate::exit::UsageError;
use crate::place::{Place, PlaceArguments};

/// The longest domain (RFC 1035).
const DOMAIN_MAX: usize = 253;

/// A tenant's ID, or a domain that is to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TenantName {
    /// A GUID.
    Id(TenantId),
    /// In lower case.
    Domain(String),
}

/// Neither an ID nor a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a tenant: write its ID, such as 41463f53-8812-40f4-890f-865bf6e35190, or a domain of it"
)]
pub struct NotATenant;

impl FromStr for TenantName {
    type Err = NotATenant;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let domain = text.to_ascii_lowercase();
        match is_domain(&domain) {
            true => Ok(Self::Domain(domain)),
            false => Err(NotATenant),
        }
    }
}

/// Labels of letters, digits and hyphens, of which there are two at least. No path is made of
/// anything else.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels = text.split('.').count();
    labels >= 2 && text.len() <= DOMAIN_MAX && text.split('.').all(is_label)
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Domain(domain) => f.write_str(domain),
        }
    }
}

impl TenantName {
    /// The ID. Commands begin when it was looked up.
    pub fn id(&self) -> TenantId {
        match self {
            Self::Id(id) => *id,
            Self::Domain(_) => unreachable!("domains are looked up before a command begins"),
        }
    }

    /// Puts the ID in the place of a domain. The ID, where it was looked up.
    pub(crate) async fn look_up(
        &mut self,
        place: &PlaceArguments,
        environment: Lookup<'_>,
    ) -> anyhow::Result<Option<TenantId>> {
        let Self::Domain(domain) = self else {
            return Ok(None);
        };
        let place = Place::find(place, environment).await?;
        let (authority, extra_cas) = place.settings(|reader| {
            let extra_cas = reader.text("EXTRA_CA_FILE").map(PathBuf::from);
            Some((read_authority(reader)?, extra_cas))
        })?;
        let roots = TrustRoots::load(extra_cas.as_deref())?;
        let found = roots.tenant_of_domain(&authority, domain).await;
        let id = found.map_err(|error| {
            let text = format!("{}: {error}; name the tenant by its ID", shown(domain));
            match error {
                DomainError::Unknown => anyhow::Error::new(UsageError(text)),
                DomainError::NoAnswer(_) | DomainError::Unread(_) => anyhow::anyhow!(text),
            }
        })?;
        *self = Self::Id(id);
        Ok(Some(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_an_id_or_a_domain_that_a_path_can_hold() {
        let id = "41463F53-8812-40f4-890f-865bf6e35190";
        let long = format!("{}.com", "a".repeat(64));
        let rows = [
            (id, Some("41463f53-8812-40f4-890f-865bf6e35190")),
            ("contoso.com", Some("contoso.com")),
            ("Contoso.OnMicrosoft.com", Some("contoso.onmicrosoft.com")),
            ("a-b.c1.example", Some("a-b.c1.example")),
            ("xn--mller-kva.example", Some("xn--mller-kva.example")),
            ("41463f53-8812-40f4-890f-865bf6e3519", None),
            ("contoso", None),
            ("common", None),
            ("contoso.com/common", None),
            ("../common", None),
            ("contoso..com", None),
            (".contoso.com", None),
            ("contoso.com.", None),
            ("-a.com", None),
            ("müller.example", None),
            ("contoso.com?x", None),
            ("con toso.com", None),
            (&long, None),
            ("", None),
        ];
        for (text, expected) in rows {
            let name = text.parse::<TenantName>().ok();
            let name = name.map(|name| name.to_string());
            assert_eq!(name.as_deref(), expected, "{text}");
        }
    }
}
