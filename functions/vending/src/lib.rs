//! The vending function: other clouds' services ask for a tenant's app-only token,
//! prove who they are, and get it, in the shapes that Azure SDKs already read.
//!
//! This crate owns the HTTP side. Where a token comes from is `auth::vend`'s business, who may
//! have it the policy's. A refusal never shows a caller who may not list a tenant whether
//! it exists.
//!
//! | what | where |
//! |---|---|
//! | which path leads to which handler | `path.rs`, `routes.rs` |
//! | who calls | `proof/` |
//! | what the policy says | `permission.rs` |
//! | the handlers | `token/`, `batch/`, `managed_identity.rs`, `tenants.rs`, `invites.rs`, `discovery.rs` |
//! | every refusal and its status | `refusal.rs` |
//! | the audit line, and where a request came from | `audit.rs`, `evidence.rs` |
//! | the settings | `shared/wiring/src/settings/vending.rs`; what an issuer must be: `shared/auth/src/caller/issuers.rs` |

mod audit;
mod batch;
mod build;
mod discovery;
mod evidence;
mod invites;
mod managed_identity;
mod path;
mod permission;
mod proof;
mod refusal;
mod routes;
mod tenants;
mod token;

use std::sync::Arc;

use auth::caller::CallerLimits;
use auth::inviting::Inviting;
use auth::ports::{Authorizer, CallerProof, Clock, Meter, SignedProof, Tenants};
use auth::vend::Vend;
use lambda::answer::{self, ApiError};
use lambda::function::{AnswersRequests, TooEarly};
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::json;
use wiring::settings::VendingSettings;

use audit::Entry;
use path::Path;
use routes::{Audited, Destination};

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
    /// How often each caller may ask.
    pub limits: CallerLimits,
    /// Checks signed `GetCallerIdentity` requests; `None` where none are taken.
    pub roles: Option<Arc<dyn SignedProof>>,
    /// Decides what a caller may do.
    pub authorizer: Arc<dyn Authorizer>,
    /// Makes invites; `None` where the deployment does not say where its pages are.
    pub inviting: Option<Inviting>,
    /// Entra ID's base URL, for the discovery document.
    pub authority: String,
    /// Says when tokens expire, and how long a request took.
    pub clock: Arc<dyn Clock>,
    /// Where figures go; `None` where they are not collected.
    pub meter: Option<Arc<dyn Meter>>,
}

impl AnswersRequests for Vending {
    async fn answer(&self, request: &Request, id: &str) -> Response<Body> {
        let path = Path::of(request);
        let Some(destination) = Destination::of(&path) else {
            return refusal::answer(&routes::no_such_route(), &path, id);
        };
        let (method, template) = destination.takes();
        if request::method(request) != method {
            return routes::wrong_method(destination, &path, id);
        }
        request::on_route(template);
        let answered = match destination {
            Destination::Health => self.health(id).await,
            Destination::Discovery(tenant) => self.discovery(request, tenant, id),
            Destination::Audited(audited) => self.audited(request, audited, id).await,
        };
        answered.unwrap_or_else(|error| refusal::answer(&error, &path, id))
    }

    /// Leaves the request's line in the audit log all the same.
    fn come_again(early: &TooEarly<'_, VendingSettings>) -> Response<Body> {
        let path = Path::of(early.request);
        let destination = Destination::of(&path);
        if let Some(destination) = destination {
            request::on_route(destination.takes().1);
        }
        let error = refusal::broker_unavailable();
        if let Some(Destination::Audited(audited)) = destination {
            let entry = Entry::new(audited.route(), early.request, early.id, early.began);
            entry.write(early.clock.since_start(), Err(&error));
        }
        refusal::answer(&error, &path, early.id)
    }

    fn meter(&self) -> Option<&dyn Meter> {
        self.meter.as_deref()
    }
}

impl Vending {
    /// A request that leaves a line in the audit log, whatever becomes of it.
    async fn audited(
        &self,
        request: &Request,
        audited: Audited<'_>,
        id: &str,
    ) -> Result<Response<Body>, ApiError> {
        let mut entry = Entry::new(audited.route(), request, id, self.clock.since_start());
        let answered = match audited {
            Audited::Token(tenant, endpoint) => {
                self.token(request, tenant, endpoint, &mut entry).await
            }
            Audited::ManagedIdentity => self.managed_identity(request, &mut entry).await,
            Audited::Tenants => self.list_tenants(request, &mut entry).await,
            Audited::Tenant(tenant) => self.show_tenant(request, tenant, &mut entry).await,
            // In a box, because every other request's future would have its size.
            Audited::Tokens => Box::pin(self.batch(request, &mut entry)).await,
            Audited::Invites => self.invite(request, &mut entry).await,
        };
        // The items of a batch that was understood have left their own.
        if !(matches!(audited, Audited::Tokens) && answered.is_ok()) {
            let answered = answered.as_ref().map(Response::status);
            entry.write(self.clock.since_start(), answered);
        }
        answered
    }

    /// 200 when the table answers and the function that signs has a key, which is believed for
    /// half a minute.
    async fn health(&self, id: &str) -> Result<Response<Body>, ApiError> {
        // A tenant that can never be connected: the cheapest read that shows it.
        let read = self.tenants.find(auth::TenantId::CONSUMERS).await;
        read.map_err(|error| refusal::store(&error))?;
        if self.vend.can_renew().await {
            Ok(answer::json(StatusCode::OK, &json!({"status": "ok"}), id))
        } else {
            Err(refusal::broker_unavailable())
        }
    }
}
