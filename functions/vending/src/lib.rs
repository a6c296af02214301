//! The vending function: other clouds' services ask for a tenant's app-only token,
//! prove who they are, and get it, in the shapes that Azure SDKs already read.
//!
//! This crate owns the HTTP side: routes, proof of the caller, the order of the
//! checks, the audit line. Where a token comes from is `auth::vend`'s business. A
//! refusal never tells a caller who may not list a tenant whether it exists.

mod audit;
mod invites;
mod policy;
mod proof;
mod refusal;
mod tenants;
mod token;
mod wiring;

use std::sync::Arc;

use auth::invite::Inviting;
use auth::ports::{Authorizer, CallerProof, Clock, Tenants};
use auth::vend::Vend;
use lambda::answer::{self, ApiError};
use lambda::request;
use lambda_http::http::{Method, StatusCode, header};
use lambda_http::{Body, Request, Response};
use serde_json::json;

pub use policy::DenyEverybody;

/// The function, as `main` builds it.
pub struct Vending {
    /// Hands out tokens.
    pub vend: Vend,
    /// The tenants, for the listing.
    pub tenants: Arc<dyn Tenants>,
    /// Checks callers' tokens.
    pub proof: Arc<dyn CallerProof>,
    /// Decides what a caller may do.
    pub authorizer: Arc<dyn Authorizer>,
    /// Makes invites; `None` where the deployment does not say where its pages are.
    pub inviting: Option<Inviting>,
    /// Now.
    pub clock: Arc<dyn Clock>,
}

/// What a path asks for. The tenant is still what somebody typed.
enum Route<'a> {
    Token { tenant: &'a str, version: Version },
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

impl Vending {
    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let id = request::request_id(&request);
        match self.route(&request, &id).await {
            Ok(response) => response,
            Err(error) => answer::error(&error, &id),
        }
    }

    async fn route(&self, request: &Request, id: &str) -> Result<Response<Body>, ApiError> {
        let path = request::path(request).to_owned();
        let (method, route) = find_route(&path).ok_or_else(no_such_route)?;
        if request.method() != method {
            return Ok(wrong_method(method, id));
        }
        match route {
            Route::Token { tenant, version } => self.token(request, tenant, version, id).await,
            Route::Tenants => self.list_tenants(request, id).await,
            Route::Tenant(tenant) => self.show_tenant(request, tenant, id).await,
            Route::Invites => self.invite(request, id).await,
            Route::Health => Ok(self.health(id).await),
        }
    }

    /// 200 when the table answers; the signing key was loaded, or this would not run.
    async fn health(&self, id: &str) -> Response<Body> {
        // A tenant that can never be connected: the cheapest read that tells.
        match self.tenants.find(auth::TenantId::CONSUMERS).await {
            Ok(_) => answer::json(StatusCode::OK, &json!({"status": "ok"}), id),
            Err(error) => {
                tracing::error!(event = "unhealthy", %error, "the table does not answer");
                answer::error(&refusal::store(&error), id)
            }
        }
    }
}

fn find_route(path: &str) -> Option<(Method, Route<'_>)> {
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    Some(match parts[..] {
        [tenant, "oauth2", "v2.0", "token"] => {
            let version = Version::V2;
            (Method::POST, Route::Token { tenant, version })
        }
        [tenant, "oauth2", "token"] => {
            let version = Version::V1;
            (Method::POST, Route::Token { tenant, version })
        }
        ["tenants"] => (Method::GET, Route::Tenants),
        ["tenants", tenant] => (Method::GET, Route::Tenant(tenant)),
        ["invites"] => (Method::POST, Route::Invites),
        ["health"] => (Method::GET, Route::Health),
        _ => return None,
    })
}

fn no_such_route() -> ApiError {
    ApiError::caller(
        StatusCode::NOT_FOUND,
        "invalid_request",
        "there is no such route: POST /{tenant}/oauth2/v2.0/token hands out tokens",
    )
}

fn wrong_method(method: Method, id: &str) -> Response<Body> {
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
