//! Routes, and what holds for all of them: which connections count, who may
//! use the control surface.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{delete, get, post};
use axum::serve::{IncomingStream, Listener};

use crate::errors::Refusal;
use crate::exchange::Exchange;
use crate::simulator::Core;
use crate::{admin_consent, answer, authorize, control, discovery, token};

/// The simulator at one base URL: what every handler gets.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) core: Arc<Core>,
    /// Without a closing slash.
    pub(crate) base_url: Arc<str>,
}

/// One TCP connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    address: SocketAddr,
    /// Set by the connection's first authority request.
    counted: Arc<AtomicBool>,
}

/// A listener whose connections are known as [`Peer`]s.
pub(crate) struct Watched<L>(pub(crate) L);

impl<L: Listener<Addr = SocketAddr>> Listener for Watched<L> {
    type Io = L::Io;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        self.0.accept().await
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl<L: Listener<Addr = SocketAddr>> Connected<IncomingStream<'_, Watched<L>>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Watched<L>>) -> Self {
        Self {
            address: *stream.remote_addr(),
            counted: Arc::default(),
        }
    }
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
        authority_routes().route_layer(from_fn_with_state(site.clone(), count_connection));
    let control = control_routes().route_layer(from_fn(loopback_only));
    authority.merge(control).with_state(site)
}

fn authority_routes() -> Router<Site> {
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
        .route("/{tenant}/discovery/keys", get(discovery::keys_v1))
        .route("/{tenant}/discovery/v2.0/keys", get(discovery::keys_v2))
        .route(
            "/{tenant}/oauth2/authorize",
            get(authorize::show_v1).post(authorize::submit_v1),
        )
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(authorize::show_v2).post(authorize::submit_v2),
        )
        .route(
            "/{tenant}/adminconsent",
            get(admin_consent::show_v1).post(admin_consent::submit_v1),
        )
        .route(
            "/{tenant}/v2.0/adminconsent",
            get(admin_consent::show_v2).post(admin_consent::submit_v2),
        )
        .route("/{tenant}/oauth2/token", post(token::v1))
        .route("/{tenant}/oauth2/v2.0/token", post(token::v2))
}

fn control_routes() -> Router<Site> {
    Router::new()
        .route("/_sim/stats", get(control::stats))
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
    if !peer.counted.swap(true, Ordering::Relaxed) {
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
    let is_local = peer.address.ip().to_canonical().is_loopback();
    if !is_local || request.headers().contains_key(header::ORIGIN) {
        return answer::text(StatusCode::FORBIDDEN, "loopback only\n");
    }
    next.run(request).await
}
