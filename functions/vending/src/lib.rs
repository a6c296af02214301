//! The vending function: other clouds' services ask for a tenant's app-only token,
//! prove who they are, and get it, in the shapes that Azure SDKs already read.
//!
//! This crate owns the HTTP side: routes, proof of the caller, the order of the
//! checks, the audit line. Where a token comes from is `auth::vend`'s business, who may
//! have it the policy's. A refusal never tells a caller who may not list a tenant whether
//! it exists.

mod audit;
mod build;
mod discovery;
mod invites;
mod managed_identity;
mod path;
mod proof;
mod refusal;
mod routes;
mod start;
mod tenants;
mod token;

use std::sync::Arc;

use auth::inviting::Inviting;
use auth::ports::{Authorizer, CallerProof, Clock, Meter, Tenants};
use auth::vend::Vend;
use lambda::answer::{self, ApiError};
use lambda::{request, transport_security};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::json;
use tracing::Span;

use audit::Entry;
pub use build::Ahead;
use path::Path;
pub(crate) use routes::Version;
use routes::{Endpoint, find_endpoint};
pub use start::StartingVending;

/// The function, as `main` builds it.
pub struct Vending {
    /// Hands out tokens.
    pub vend: Vend,
    /// The tenants, for the listing.
    pub tenants: Arc<dyn Tenants>,
    /// Checks callers' tokens.
    pub proof: Arc<dyn CallerProof>,
    /// Checks caller keys.
    pub keys: Arc<dyn CallerProof>,
    /// Decides what a caller may do.
    pub authorizer: Arc<dyn Authorizer>,
    /// Makes invites; `None` where the deployment does not say where its pages are.
    pub inviting: Option<Inviting>,
    /// Entra ID's base URL, for the discovery document.
    pub authority: String,
    /// When a request came.
    pub clock: Arc<dyn Clock>,
    /// Where figures go, where somebody watches.
    pub meter: Option<Arc<dyn Meter>>,
}

impl Vending {
    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let id = request::request_id(&request);
        let span = request::span(&request, &id);
        self.handle_within(span, request, id).await
    }

    async fn handle_within(&self, span: Span, request: Request, id: String) -> Response<Body> {
        let strict = transport_security::of(&request);
        let answer = self.answer(request, id);
        request::watched(span, strict, self.meter.as_deref(), answer).await
    }

    async fn answer(&self, request: Request, id: String) -> Response<Body> {
        let path = Path::of(&request);
        let answered = self.routed(&request, &path, &id).await;
        answered.unwrap_or_else(|error| refusal::answer(&error, &path, &id))
    }

    async fn routed(
        &self,
        request: &Request,
        path: &Path,
        id: &str,
    ) -> Result<Response<Body>, ApiError> {
        let endpoint = find_endpoint(path).ok_or_else(routes::no_such_route)?;
        if request::method(request) != endpoint.method() {
            return Err(routes::wrong_method(endpoint));
        }
        request::on_route(endpoint.template());
        match endpoint {
            Endpoint::Health => self.health(id).await,
            Endpoint::Discovery(tenant) => self.discovery(request, tenant, id),
            audited => self.audited(request, audited, id).await,
        }
    }

    /// A request that leaves a line in the audit log, whatever becomes of it.
    async fn audited(
        &self,
        request: &Request,
        endpoint: Endpoint<'_>,
        id: &str,
    ) -> Result<Response<Body>, ApiError> {
        let mut entry = Entry::new(endpoint.route(), id, self.clock.since_start());
        let answered = match endpoint {
            Endpoint::Token { tenant, version } => {
                self.token(request, tenant, version, &mut entry).await
            }
            Endpoint::ManagedIdentity => self.managed_identity(request, &mut entry).await,
            Endpoint::Tenants => self.list_tenants(request, &mut entry).await,
            Endpoint::Tenant(tenant) => self.show_tenant(request, tenant, &mut entry).await,
            Endpoint::Invites => self.invite(request, &mut entry).await,
            Endpoint::Health | Endpoint::Discovery(_) => Err(routes::no_such_route()),
        };
        entry.write(self.clock.since_start(), answered.as_ref().err());
        answered
    }

    /// 200 when the table answers and a signing key is loaded.
    async fn health(&self, id: &str) -> Result<Response<Body>, ApiError> {
        // A tenant that can never be connected: the cheapest read that tells.
        let read = self.tenants.find(auth::TenantId::CONSUMERS).await;
        read.map_err(|error| refusal::store(&error))?;
        let ready = self.vend.can_renew().await;
        ready.map_err(|_| refusal::broker_unavailable())?;
        Ok(answer::json(StatusCode::OK, &json!({"status": "ok"}), id))
    }
}
