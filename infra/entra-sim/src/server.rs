//! Routes, and what holds for all of them: which connections count, who may
//! use the control surface.

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{delete, get, post};

use crate::connection::Peer;
use crate::errors::Refusal;
use crate::exchange::Exchange;
use crate::faults::Endpoint;
use crate::faults::transport::{Place, disturb};
use crate::simulator::Core;
use crate::{admin_consent, answer, authorize, control, discovery, token};

/// The simulator at one base URL: what every handler gets.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) core: Arc<Core>,
    /// Without a closing slash.
    pub(crate) base_url: Arc<str>,
}

impl Site {
    pub(crate) fn begin(&self, headers: &HeaderMap) -> Exchange {
        Exchange::begin(self.core.clock.as_ref(), headers)
    }

    /// Counts a refusal, wherever it is told.
    pub(crate) fn count_refusal(&self, refusal: &Refusal) {
        self.core
            .stats
            .count(|counts| *counts.refused.entry(refusal.code()).or_default() += 1);
    }

    /// Tells a refusal as JSON.
    pub(crate) fn refuse(&self, refusal: &Refusal, exchange: &Exchange) -> Response {
        self.count_refusal(refusal);
        exchange.mark(refusal.to_json(exchange, &self.base_url))
    }
}

/// Every route.
pub(crate) fn router(core: Arc<Core>, base_url: &str) -> Router {
    let site = Site {
        core,
        base_url: Arc::from(base_url.trim_end_matches('/')),
    };
    let authority =
        authority_routes(&site).route_layer(from_fn_with_state(site.clone(), count_connection));
    let control = control_routes().route_layer(from_fn(loopback_only));
    authority.merge(control).with_state(site)
}

fn authority_routes(site: &Site) -> Router<Site> {
    let endpoints = [
        (Endpoint::Discovery, discovery_routes()),
        (Endpoint::Jwks, key_routes()),
        (Endpoint::Authorize, authorize_routes()),
        (Endpoint::Token, token_routes()),
    ];
    let disturbed = endpoints.map(|(endpoint, routes)| {
        let site = site.clone();
        routes.route_layer(from_fn_with_state(Place { site, endpoint }, disturb))
    });
    disturbed
        .into_iter()
        .fold(admin_consent_routes(), Router::merge)
}

fn discovery_routes() -> Router<Site> {
    Router::new()
        .route("/common/discovery/instance", get(discovery::instance))
        .route(
            "/{tenant}/.well-known/openid-configuration",
            get(discovery::document_v1),
        )
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(discovery::document_v2),
        )
}

fn key_routes() -> Router<Site> {
    Router::new()
        .route("/{tenant}/discovery/keys", get(discovery::keys_v1))
        .route("/{tenant}/discovery/v2.0/keys", get(discovery::keys_v2))
}

fn authorize_routes() -> Router<Site> {
    Router::new()
        .route(
            "/{tenant}/oauth2/authorize",
            get(authorize::show_v1).post(authorize::submit_v1),
        )
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(authorize::show_v2).post(authorize::submit_v2),
        )
}

fn token_routes() -> Router<Site> {
    Router::new()
        .route("/{tenant}/oauth2/token", post(token::v1))
        .route("/{tenant}/oauth2/v2.0/token", post(token::v2))
}

/// No fault replaces or breaks these.
fn admin_consent_routes() -> Router<Site> {
    Router::new()
        .route(
            "/{tenant}/adminconsent",
            get(admin_consent::show_v1).post(admin_consent::submit_v1),
        )
        .route(
            "/{tenant}/v2.0/adminconsent",
            get(admin_consent::show_v2).post(admin_consent::submit_v2),
        )
}

fn control_routes() -> Router<Site> {
    Router::new()
        .route("/_sim/stats", get(control::stats))
        .route("/_sim/issued", get(control::issued))
        .route(
            "/_sim/faults",
            get(control::list_faults)
                .post(control::set_fault)
                .delete(control::end_all_faults),
        )
        .route("/_sim/faults/{id}", delete(control::end_fault))
}

async fn count_connection(
    State(site): State<Site>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    if peer.is_new() {
        site.core.stats.count(|counts| counts.connections += 1);
    }
    next.run(request).await
}

/// Fails closed: whoever can set faults decides what our tenants see. A page in
/// a browser on this machine is kept out by its Origin header.
async fn loopback_only(
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    if !peer.is_loopback() || request.headers().contains_key(header::ORIGIN) {
        return answer::text(StatusCode::FORBIDDEN, "loopback only\n");
    }
    next.run(request).await
}
