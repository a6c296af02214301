//! The routes of the vending endpoint.

use auth::caller::Route;
use lambda::answer::{self, ApiError};
use lambda_http::http::{Method, StatusCode, header};
use lambda_http::{Body, Response};

/// What a path asks for. A tenant in it is still what somebody typed.
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

/// The endpoint of a path, with the method that it takes.
pub(crate) fn find_endpoint(path: &str) -> Option<(Method, Endpoint<'_>)> {
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    Some(match parts[..] {
        [tenant, "oauth2", "v2.0", "token"] => {
            let version = Version::V2;
            (Method::POST, Endpoint::Token { tenant, version })
        }
        [tenant, "oauth2", "token"] => {
            let version = Version::V1;
            (Method::POST, Endpoint::Token { tenant, version })
        }
        [tenant, "v2.0", ".well-known", "openid-configuration"] => {
            (Method::GET, Endpoint::Discovery(tenant))
        }
        ["msi", "token"] => (Method::GET, Endpoint::ManagedIdentity),
        ["tenants"] => (Method::GET, Endpoint::Tenants),
        ["tenants", tenant] => (Method::GET, Endpoint::Tenant(tenant)),
        ["invites"] => (Method::POST, Endpoint::Invites),
        ["health"] => (Method::GET, Endpoint::Health),
        _ => return None,
    })
}

pub(crate) fn no_such_route() -> ApiError {
    ApiError::caller(
        StatusCode::NOT_FOUND,
        "invalid_request",
        "there is no such route: POST /{tenant}/oauth2/v2.0/token hands out tokens",
    )
}

pub(crate) fn wrong_method(method: Method, id: &str) -> Response<Body> {
    let error = ApiError::caller(
        StatusCode::METHOD_NOT_ALLOWED,
        "invalid_request",
        format!("this route takes {method}"),
    );
    let mut response = answer::error(&error, id);
    if let Ok(method) = method.as_str().parse() {
        response.headers_mut().insert(header::ALLOW, method);
    }
    response
}
