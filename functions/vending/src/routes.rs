//! The routes of the vending endpoint: which endpoint a path names, and what is answered
//! where it names none. Paths are brought into one form before (`path.rs`), here and
//! nowhere else.

use auth::caller::Route;
use lambda::answer::ApiError;
use lambda_http::http::{Method, StatusCode};

use crate::path::Path;

/// What a path asks for. A tenant in it is still what somebody typed, and empty where the
/// path has none.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Endpoint<'a> {
    Token { tenant: &'a str, version: Version },
    Discovery(&'a str),
    ManagedIdentity,
    Tenants,
    Tenant(&'a str),
    Invites,
    Health,
}

/// In which version's shape a token route answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

impl Version {
    /// As policies and the audit log name it.
    pub(crate) fn route(self) -> Route {
        match self {
            Version::V1 => Route::TokenV1,
            Version::V2 => Route::TokenV2,
        }
    }
}

impl Endpoint<'_> {
    /// Whether a request leaves a line in the audit log.
    pub(crate) fn is_audited(self) -> bool {
        !matches!(self, Endpoint::Discovery(_) | Endpoint::Health)
    }

    /// As policies and the audit log name it.
    pub(crate) fn route(self) -> Route {
        match self {
            Endpoint::Token { version, .. } => version.route(),
            Endpoint::ManagedIdentity => Route::ManagedIdentity,
            Endpoint::Invites => Route::Invites,
            Endpoint::Tenants | Endpoint::Tenant(_) => Route::Tenants,
            // Neither is a question to the policy.
            Endpoint::Discovery(_) | Endpoint::Health => Route::Tenants,
        }
    }
}

impl Endpoint<'_> {
    /// The method that it takes. HEAD is asked and answered as GET (`request::method`).
    pub(crate) fn method(self) -> Method {
        match self {
            Endpoint::Token { .. } | Endpoint::Invites => Method::POST,
            Endpoint::Discovery(_)
            | Endpoint::ManagedIdentity
            | Endpoint::Tenants
            | Endpoint::Tenant(_)
            | Endpoint::Health => Method::GET,
        }
    }

    /// The route as spans name it, with the tenant left out.
    pub(crate) fn template(self) -> &'static str {
        match self {
            Endpoint::Token { version, .. } => match version {
                Version::V2 => "/{tenant}/oauth2/v2.0/token",
                Version::V1 => "/{tenant}/oauth2/token",
            },
            Endpoint::Discovery(_) => "/{tenant}/v2.0/.well-known/openid-configuration",
            Endpoint::ManagedIdentity => "/msi/token",
            Endpoint::Tenants => "/tenants",
            Endpoint::Tenant(_) => "/tenants/{tenant}",
            Endpoint::Invites => "/invites",
            Endpoint::Health => "/health",
        }
    }
}

/// The endpoint of a path.
pub(crate) fn find_endpoint(path: &Path) -> Option<Endpoint<'_>> {
    let segments = path.segments();
    let lower = path.in_lower_case();
    let words = lower.segments();
    let at = |index: usize| segments.get(index).copied().unwrap_or_default();
    Some(match words[..] {
        ["oauth2", "v2.0", "token"] => token("", Version::V2),
        ["oauth2", "token"] => token("", Version::V1),
        [_, "oauth2", "v2.0", "token"] => token(at(0), Version::V2),
        [_, "oauth2", "token"] => token(at(0), Version::V1),
        ["v2.0", ".well-known", "openid-configuration"] => Endpoint::Discovery(""),
        [_, "v2.0", ".well-known", "openid-configuration"] => Endpoint::Discovery(at(0)),
        ["msi", "token"] => Endpoint::ManagedIdentity,
        ["tenants"] => Endpoint::Tenants,
        ["tenants", _] => Endpoint::Tenant(at(1)),
        ["invites"] => Endpoint::Invites,
        ["health"] => Endpoint::Health,
        _ => return None,
    })
}

fn token(tenant: &str, version: Version) -> Endpoint<'_> {
    Endpoint::Token { tenant, version }
}

pub(crate) fn no_such_route() -> ApiError {
    ApiError::caller(
        StatusCode::NOT_FOUND,
        "invalid_request",
        "there is no such route: POST /{tenant}/oauth2/v2.0/token hands out tokens",
    )
}

pub(crate) fn wrong_method(endpoint: Endpoint<'_>) -> ApiError {
    ApiError::caller(
        StatusCode::METHOD_NOT_ALLOWED,
        "invalid_request",
        format!("{} takes {}", endpoint.template(), endpoint.method()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

    /// The template of the endpoint, and the tenant in the path.
    fn found(path: &str) -> Option<(&'static str, String)> {
        let path = Path::new(path);
        let endpoint = find_endpoint(&path)?;
        let tenant = match endpoint {
            Endpoint::Token { tenant, .. } | Endpoint::Discovery(tenant) => tenant,
            Endpoint::Tenant(tenant) => tenant,
            _ => "",
        };
        Some((endpoint.template(), tenant.to_owned()))
    }

    #[test]
    fn a_path_names_its_route_however_clients_write_it() {
        let (v2, v1) = ("/{tenant}/oauth2/v2.0/token", "/{tenant}/oauth2/token");
        let discovery = "/{tenant}/v2.0/.well-known/openid-configuration";
        let upper = TENANT.to_uppercase();
        let rows = [
            (format!("/{TENANT}/oauth2/v2.0/token"), v2, TENANT),
            (format!("//{TENANT}/oauth2/v2.0/token"), v2, TENANT),
            (format!("/{TENANT}//oauth2/v2.0/token"), v2, TENANT),
            (format!("/{TENANT}/oauth2/v2.0/token/"), v2, TENANT),
            (format!("///{TENANT}/oauth2//v2.0/token//"), v2, TENANT),
            (format!("/{TENANT}/OAuth2/V2.0/Token"), v2, TENANT),
            (format!("/{upper}/oauth2/v2.0/token"), v2, &upper),
            (format!("/{TENANT}/oauth2/v2%2E0/token"), v2, TENANT),
            (format!("/{TENANT}/oauth2/v2%2e0/%74oken"), v2, TENANT),
            (
                format!("/{}/oauth2/token", TENANT.replace('-', "%2D")),
                v1,
                TENANT,
            ),
            (format!("/{TENANT}/OAUTH2/TOKEN/"), v1, TENANT),
            (
                format!("//{TENANT}/v2.0//.well-known/openid-configuration"),
                discovery,
                TENANT,
            ),
            (
                format!("/{TENANT}/v2.0/%2Ewell-known/OpenID-Configuration/"),
                discovery,
                TENANT,
            ),
            ("/MSI/token".to_owned(), "/msi/token", ""),
            ("/msi/token/".to_owned(), "/msi/token", ""),
            ("/MSI/token/".to_owned(), "/msi/token", ""),
            ("//Msi//Token".to_owned(), "/msi/token", ""),
            ("/tenants/".to_owned(), "/tenants", ""),
            (format!("//tenants/{TENANT}/"), "/tenants/{tenant}", TENANT),
            ("/Health/".to_owned(), "/health", ""),
            ("//invites".to_owned(), "/invites", ""),
            // A variable that is empty where the tenant should be.
            ("//oauth2/v2.0/token".to_owned(), v2, ""),
            ("/oauth2/token".to_owned(), v1, ""),
            (
                "//v2.0/.well-known/openid-configuration".to_owned(),
                discovery,
                "",
            ),
        ];
        for (path, template, tenant) in rows {
            assert_eq!(found(&path), Some((template, tenant.to_owned())), "{path}");
        }
    }

    #[test]
    fn what_is_another_path_names_no_route() {
        let rows = [
            "/".to_owned(),
            "//".to_owned(),
            "/token".to_owned(),
            "/msi".to_owned(),
            "/msi/token/x".to_owned(),
            "/msi%2Ftoken".to_owned(),
            "/msi%5Ctoken".to_owned(),
            "/msi/tok%00en".to_owned(),
            "/msi/token ".to_owned(),
            "/msi/token%20".to_owned(),
            "/msi/./token".to_owned(),
            "/x/../msi/token".to_owned(),
            // Decoded once, and not until nothing is left to decode.
            "/msi/%2574oken".to_owned(),
            "/ms\u{131}/token".to_owned(),
            format!("/{TENANT}/oauth2/v3.0/token"),
            format!("/{TENANT}/oauth2/v2.0"),
            format!("/{TENANT}%2Foauth2/v2.0/token"),
            format!("/x/{TENANT}/oauth2/v2.0/token"),
            format!("/tenants/{TENANT}/tokens"),
            "/health;x".to_owned(),
        ];
        for path in rows {
            assert_eq!(found(&path), None, "{path}");
        }
    }
}
