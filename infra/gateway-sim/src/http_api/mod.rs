//! An HTTP API of API Gateway: routes, a path that is decoded on the way, and the
//! answers that it gives by itself. It never says who calls: an HTTP API has no IAM
//! authorizer here, so that its events carry none.

mod routes;

use std::sync::Arc;

use axum::{extract::Request, http::HeaderName, response::Response};

pub use routes::{LocalHandler, Routes};

use crate::{
    connection::ClientConnection,
    event::{self, Arrival, Origin},
    limits,
    listener::Gateway,
    refusal::GatewayRefusal,
    response,
    surroundings::{RequestIds, Surroundings, UnixMillis},
};

/// An account and an API that AWS gives to no customer.
const ACCOUNT_ID: &str = "000000000000";
const API_ID: &str = "local";

/// The HTTP API and everything it needs from outside.
pub struct HttpApi {
    /// Which function answers what.
    pub routes: Routes,
    /// Clock, names, limits.
    pub surroundings: Surroundings,
}

impl HttpApi {
    /// An HTTP API named `localhost`, `127.0.0.1` and `[::1]` with the gateway's own limits.
    pub fn new(routes: Routes, clock: UnixMillis, request_id: RequestIds) -> Self {
        Self {
            routes,
            surroundings: Surroundings::new(clock, request_id),
        }
    }
}

impl Gateway for HttpApi {
    const ID_HEADER: HeaderName = HeaderName::from_static("apigw-requestid");

    fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    async fn answer(&self, at: ClientConnection, request: Request, request_id: &str) -> Response {
        self.handle(at, request, request_id)
            .await
            .unwrap_or_else(GatewayRefusal::into_response)
    }
}

impl HttpApi {
    async fn handle(
        &self,
        at: ClientConnection,
        request: Request,
        request_id: &str,
    ) -> Result<Response, GatewayRefusal> {
        let (surroundings, routes) = (&self.surroundings, &self.routes);
        let (parts, body) = request.into_parts();
        let domain = surroundings.check_head(&parts, at.port)?;
        let raw_path = event::decoded_path(parts.uri.path()).ok_or(GatewayRefusal::BadRequest)?;
        if let Some(local) = routes.local_at(&parts.method, parts.uri.path()) {
            return Ok(response::local(local()));
        }
        let matched = routes
            .find(&parts.method, parts.uri.path())
            .ok_or(GatewayRefusal::NotFound)?;
        let body = limits::read_body(&parts, body, limits::HTTP_API_BODY).await?;
        let function = Arc::clone(matched.function);
        let event = event::build(Arrival {
            parts: &parts,
            body,
            raw_path,
            raw_query: parts.uri.query().unwrap_or_default().to_owned(),
            route_key: matched.key,
            variables: matched.variables,
            at,
            domain,
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
