//! The routes of the vending endpoint: what a path leads to, and what is answered where it
//! leads nowhere. Paths are brought into one form first (`path.rs`). A new route is a variant
//! here, a line in each `match` over it, and its handler.

use auth::TenantId;
use auth::caller::Route;
use auth::protocol::TokenEndpoint;
use lambda::answer::ApiError;
use lambda::request;
use lambda_http::http::{Method, StatusCode, header};
use lambda_http::{Body, Response};

use crate::path::Path;
use crate::refusal;

/// What a path leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Destination<'a> {
    Health,
    Discovery(UnverifiedTenant<'a>),
    /// Leaves a line in the audit log, whatever becomes of it.
    Audited(Audited<'a>),
}

/// The destinations of callers: each is a question to the policy.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Audited<'a> {
    /// In the shape of one of Entra ID's token endpoints.
    Token(UnverifiedTenant<'a>, TokenEndpoint),
    ManagedIdentity,
    Tenants,
    Tenant(UnverifiedTenant<'a>),
    /// Leaves a line for each of its items.
    Tokens,
    Invites,
}

/// A tenant as somebody typed it; `None` where the path has none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnverifiedTenant<'a>(pub(crate) Option<&'a str>);

impl<'a> Destination<'a> {
    pub(crate) fn of(path: &'a Path) -> Option<Self> {
        let segments = path.segments();
        let lower = path.in_lower_case();
        let words = lower.segments();
        let tenant = |index: usize| UnverifiedTenant(segments.get(index).copied());
        let none = UnverifiedTenant(None);
        let token = |tenant, endpoint| Self::Audited(Audited::Token(tenant, endpoint));
        Some(match words[..] {
            ["oauth2", "v2.0", "token"] => token(none, TokenEndpoint::V2),
            ["oauth2", "token"] => token(none, TokenEndpoint::V1),
            [_, "oauth2", "v2.0", "token"] => token(tenant(0), TokenEndpoint::V2),
            [_, "oauth2", "token"] => token(tenant(0), TokenEndpoint::V1),
            ["v2.0", ".well-known", "openid-configuration"] => Self::Discovery(none),
            [_, "v2.0", ".well-known", "openid-configuration"] => Self::Discovery(tenant(0)),
            ["msi", "token"] => Self::Audited(Audited::ManagedIdentity),
            ["tenants"] => Self::Audited(Audited::Tenants),
            ["tenants", _] => Self::Audited(Audited::Tenant(tenant(1))),
            ["tokens"] => Self::Audited(Audited::Tokens),
            ["invites"] => Self::Audited(Audited::Invites),
            ["health"] => Self::Health,
            _ => return None,
        })
    }

    /// The method that it takes, and the path as spans name it, with the tenant left out. HEAD
    /// is asked and answered as GET (`request::method`).
    pub(crate) fn takes(self) -> (Method, &'static str) {
        let audited = match self {
            Self::Health => return (Method::GET, "/health"),
            Self::Discovery(_) => {
                let template = "/{tenant}/v2.0/.well-known/openid-configuration";
                return (Method::GET, template);
            }
            Self::Audited(audited) => audited,
        };
        match audited {
            Audited::Token(_, TokenEndpoint::V2) => (Method::POST, "/{tenant}/oauth2/v2.0/token"),
            Audited::Token(_, TokenEndpoint::V1) => (Method::POST, "/{tenant}/oauth2/token"),
            Audited::ManagedIdentity => (Method::GET, "/msi/token"),
            Audited::Tenants => (Method::GET, "/tenants"),
            Audited::Tenant(_) => (Method::GET, "/tenants/{tenant}"),
            Audited::Tokens => (Method::POST, "/tokens"),
            Audited::Invites => (Method::POST, "/invites"),
        }
    }
}

impl Audited<'_> {
    /// As policies and the audit log name it.
    pub(crate) fn route(self) -> Route {
        match self {
            Audited::Token(_, TokenEndpoint::V2) => Route::TokenV2,
            Audited::Token(_, TokenEndpoint::V1) => Route::TokenV1,
            Audited::ManagedIdentity => Route::ManagedIdentity,
            Audited::Tenants | Audited::Tenant(_) => Route::Tenants,
            Audited::Tokens => Route::Tokens,
            Audited::Invites => Route::Invites,
        }
    }
}

impl UnverifiedTenant<'_> {
    /// A tenant that is not a GUID never reaches a URL, the table or a log.
    pub(crate) fn parse(self) -> Result<TenantId, ApiError> {
        let unverified = self.0.ok_or_else(|| {
            refusal::malformed("the path has no tenant: its first part must be the tenant's GUID")
        })?;
        unverified.parse().map_err(|_| {
            refusal::malformed("the tenant in the path must be a GUID; domain names are not taken")
        })
    }
}

pub(crate) fn no_such_route() -> ApiError {
    ApiError::caller(
        StatusCode::NOT_FOUND,
        "invalid_request",
        "there is no such route: POST /{tenant}/oauth2/v2.0/token hands out tokens",
    )
}

/// The answer to a method that a destination does not take: with those that it takes.
pub(crate) fn wrong_method(destination: Destination<'_>, path: &Path, id: &str) -> Response<Body> {
    let (method, template) = destination.takes();
    let error = ApiError::caller(
        StatusCode::METHOD_NOT_ALLOWED,
        "invalid_request",
        format!("{template} takes {method}"),
    );
    let mut response = refusal::answer(&error, path, id);
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, request::allow(&method));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

    /// The template of the destination, and the tenant in the path.
    fn found(path: &str) -> Option<(&'static str, String)> {
        let path = Path::new(path);
        let destination = Destination::of(&path)?;
        let tenant = match destination {
            Destination::Discovery(tenant)
            | Destination::Audited(Audited::Token(tenant, _) | Audited::Tenant(tenant)) => tenant.0,
            _ => None,
        };
        let (_, template) = destination.takes();
        Some((template, tenant.unwrap_or_default().to_owned()))
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
            ("//Tokens/".to_owned(), "/tokens", ""),
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
