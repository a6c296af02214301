//! An HTTP API of API Gateway: routes, a path that is decoded on the way, and the
//! answers that it gives by itself. It never says who calls: an HTTP API has no IAM
//! authorizer here, so that its events carry none.

mod routes;

use std::{future::Future, io, net::SocketAddr, sync::Arc};

use axum::{extract::Request, http::HeaderValue, response::Response, serve::Listener};

pub use routes::{LocalHandler, Routes};

use super::{
    RequestIds, Scheme, Surroundings, UnixMillis,
    event::{self, Arrival, Origin},
    limits, listening,
    response::{self, Refusal},
};

/// An account and an API of nobody's.
const ACCOUNT_ID: &str = "000000000000";
const API_ID: &str = "local";

/// The gateway and everything it needs from outside.
pub struct Front {
    /// Which function answers what.
    pub routes: Routes,
    /// Clock, names, limits.
    pub surroundings: Surroundings,
}

impl Front {
    /// A front named `localhost` and `127.0.0.1` with the gateway's own limits.
    pub fn new(routes: Routes, clock: UnixMillis, request_id: RequestIds) -> Self {
        Self {
            routes,
            surroundings: Surroundings::new(clock, request_id),
        }
    }

    /// Serves until `shutdown` completes; requests in flight are finished.
    ///
    /// After `shutdown` it waits at most one integration time-out: a function
    /// has answered by then, and a client that still sends is not waited for.
    ///
    /// # Errors
    ///
    /// The listener does not know its own address.
    pub async fn serve<L>(
        self,
        listener: L,
        scheme: Scheme,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()>
    where
        L: Listener<Addr = SocketAddr>,
    {
        let grace = self.surroundings.integration_timeout;
        let gateway = HttpApi {
            port: listener.local_addr()?.port(),
            scheme,
            front: self,
        };
        listening::serve(listener, gateway, grace, shutdown).await
    }
}

/// A front at its port.
struct HttpApi {
    front: Front,
    scheme: Scheme,
    port: u16,
}

impl listening::Gateway for HttpApi {
    /// Every answer carries the request id, refusals too.
    async fn answer(&self, peer: SocketAddr, request: Request) -> Response {
        let request_id = (self.front.surroundings.request_id)();
        let mut response = self
            .handle(peer, request, &request_id)
            .await
            .unwrap_or_else(Refusal::into_response);
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert("apigw-requestid", value);
        }
        response
    }
}

impl HttpApi {
    async fn handle(
        &self,
        peer: SocketAddr,
        request: Request,
        request_id: &str,
    ) -> Result<Response, Refusal> {
        let (surroundings, routes) = (&self.front.surroundings, &self.front.routes);
        let (parts, body) = request.into_parts();
        let domain = surroundings.check_head(&parts, self.port)?;
        let raw_path = event::decoded_path(parts.uri.path()).ok_or(Refusal::BadRequest)?;
        if let Some(local) = routes.local_at(&parts.method, parts.uri.path()) {
            return Ok(response::local(local()));
        }
        let matched = routes
            .find(&parts.method, parts.uri.path())
            .ok_or(Refusal::NotFound)?;
        let body = limits::read_body(&parts, body, limits::HTTP_API_BODY).await?;
        let function = Arc::clone(matched.function);
        let event = event::build(Arrival {
            parts: &parts,
            body,
            raw_path,
            route_key: matched.key,
            variables: matched.variables,
            peer: peer.ip().to_canonical(),
            domain,
            scheme: self.scheme,
            port: self.port,
            request_id,
            now: (surroundings.clock)(),
            origin: Origin {
                account_id: ACCOUNT_ID.to_owned(),
                api_id: API_ID,
                authorizer: None,
                kept_back: &[],
            },
        })?;
        surroundings.invoke(function, event, request_id).await
    }
}
