//! Routes, and what holds for all of them: which connections count, who may
//! use the control surface.

use std::future::{Ready, ready};

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, post};

use crate::authority::Version::{self, V1, V2};
use crate::connection::Peer;
use crate::faults::FaultyEndpoint;
use crate::faults::transport::{RouteGroup, disturb};
use crate::received::ReceivedRequest;
use crate::site::Site;
use crate::{activity, admin_consent, answer, authorize, control, discovery, graph, token};

/// What answers at an endpoint, in both versions.
type Respond = fn(Version, ReceivedRequest) -> Response;

/// Every route.
pub(crate) fn router(site: &Site) -> Router {
    let authority =
        authority_routes(site).route_layer(from_fn_with_state(site.clone(), count_connection));
    // Not counted: the statistics are the authority's.
    let activity = disturbed(site, activity::routes::api());
    let graph = disturbed(site, [(FaultyEndpoint::Graph, graph::routes())]);
    let control = control_routes().route_layer(from_fn(loopback_only));
    authority
        .merge(activity)
        .merge(graph)
        .merge(control)
        .with_state(site.clone())
}

fn authority_routes(site: &Site) -> Router<Site> {
    let endpoints = [
        (FaultyEndpoint::Discovery, discovery_routes()),
        (FaultyEndpoint::Jwks, key_routes()),
        (FaultyEndpoint::Authorize, authorize_routes()),
        (FaultyEndpoint::Token, token_routes()),
    ];
    disturbed(site, endpoints).merge(admin_consent_routes())
}

/// The routes of each endpoint, with the faults below HTTP around them.
fn disturbed<const N: usize>(
    site: &Site,
    endpoints: [(FaultyEndpoint, Router<Site>); N],
) -> Router<Site> {
    let disturbed = endpoints.map(|(endpoint, routes)| {
        let site = site.clone();
        routes.route_layer(from_fn_with_state(RouteGroup { site, endpoint }, disturb))
    });
    disturbed.into_iter().fold(Router::new(), Router::merge)
}

fn discovery_routes() -> Router<Site> {
    Router::new()
        .route("/common/discovery/instance", get(discovery::instance))
        .route(
            "/{tenant}/.well-known/openid-configuration",
            get(handler(V1, discovery::document)),
        )
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(handler(V2, discovery::document)),
        )
}

fn key_routes() -> Router<Site> {
    Router::new()
        .route(
            "/{tenant}/discovery/keys",
            get(handler(V1, discovery::keys)),
        )
        .route(
            "/{tenant}/discovery/v2.0/keys",
            get(handler(V2, discovery::keys)),
        )
}

fn authorize_routes() -> Router<Site> {
    Router::new()
        .route("/{tenant}/oauth2/authorize", page(V1, authorize::respond))
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            page(V2, authorize::respond),
        )
}

fn token_routes() -> Router<Site> {
    Router::new()
        .route("/{tenant}/oauth2/token", post(handler(V1, token::respond)))
        .route(
            "/{tenant}/oauth2/v2.0/token",
            post(handler(V2, token::respond)),
        )
}

/// No fault replaces or breaks these.
fn admin_consent_routes() -> Router<Site> {
    Router::new()
        .route("/{tenant}/adminconsent", page(V1, admin_consent::respond))
        .route(
            "/{tenant}/v2.0/adminconsent",
            page(V2, admin_consent::respond),
        )
}

/// A page and the answer to its form.
fn page(version: Version, respond: Respond) -> MethodRouter<Site> {
    get(handler(version, respond)).post(handler(version, respond))
}

fn handler(
    version: Version,
    respond: Respond,
) -> impl Fn(ReceivedRequest) -> Ready<Response> + Clone + Send + Sync + 'static {
    move |received| ready(respond(version, received))
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
        .merge(activity::routes::control())
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

/// Fails closed because a caller that can set faults decides what tenants see. A page in
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
