//! Which tenant has a domain, by the discovery document that Entra ID serves under the domain's
//! name (OpenID Connect Discovery 1.0): its issuer carries the tenant's ID.

use std::time::Duration;

use auth::TenantId;
use serde::Deserialize;
use url::Url;

use crate::http::HttpError;
use crate::trust::TrustRoots;

const PATIENCE: Duration = Duration::from_secs(5);

/// Why a domain leads to no tenant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// No tenant of this cloud has it (AADSTS90002), or it is no domain.
    #[error("no tenant of this cloud has this domain")]
    Unknown,
    /// There is no answer.
    #[error("Entra ID could not be asked: {0}")]
    NoAnswer(HttpError),
    /// The answer is none.
    #[error("Entra ID's answer cannot be read (status {0})")]
    Unread(u16),
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
}

impl TrustRoots {
    /// The tenant that has `domain`. `authority`: the base URL of Entra ID, without a slash at its
    /// end. The domain must be one as a path can hold it.
    pub async fn tenant_of_domain(
        &self,
        authority: &str,
        domain: &str,
    ) -> Result<TenantId, DomainError> {
        let address = format!("{authority}/{domain}/v2.0/.well-known/openid-configuration");
        let url = Url::parse(&address).map_err(|_| DomainError::Unknown)?;
        let http = self.client(Some(&url)).map_err(DomainError::NoAnswer)?;
        let answer = http.get_within(&url, PATIENCE).await;
        let answer = answer.map_err(DomainError::NoAnswer)?;
        match answer.status.as_u16() {
            200 => issuer(&answer.body).ok_or(DomainError::Unread(200)),
            400 | 404 => Err(DomainError::Unknown),
            status => Err(DomainError::Unread(status)),
        }
    }
}

/// The tenant that the issuer names. An alias's has a template in its place.
fn issuer(body: &[u8]) -> Option<TenantId> {
    let read: Metadata = serde_json::from_slice(body).ok()?;
    let mut parts = read.issuer.split('/');
    parts.find_map(|part| part.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_names_the_tenant() {
        let tenant = "41463f53-8812-40f4-890f-865bf6e35190";
        let rows = [
            (
                format!(r#"{{"issuer":"https://login.microsoftonline.com/{tenant}/v2.0"}}"#),
                true,
            ),
            (
                format!(r#"{{"issuer":"https://sts.windows.net/{tenant}/"}}"#),
                true,
            ),
            (
                r#"{"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0"}"#.to_owned(),
                false,
            ),
            (format!(r#"{{"tenant":"{tenant}"}}"#), false),
            (format!("<html>{tenant}</html>"), false),
            (String::new(), false),
        ];
        for (body, expected) in rows {
            let found = issuer(body.as_bytes()).map(|id| id.to_string());
            assert_eq!(found, expected.then(|| tenant.to_owned()), "{body}");
        }
    }
}
