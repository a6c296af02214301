//! The HTTP front of the one-machine run: it plays API Gateway's HTTP API
//! (payload format 2.0, stage `$default`) before Lambda functions that live in
//! this process. It owns what a caller sees of the gateway: Host, caps,
//! forwarding headers, routing, time-out, and the answers the gateway gives by
//! itself. It knows nothing of what the functions do, and it is not meant to
//! face a network: authorizers, throttling, CORS and stages are not played.
//!
//! Where AWS documents nothing, the choice is marked "Assumption" at its place.

mod event;
mod function;
mod host;
mod limits;
mod response;
mod routes;

#[cfg(test)]
mod tests;

use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, Request, connect_info::Connected},
    handler::HandlerWithoutStateExt,
    http::{HeaderValue, Method},
    response::Response,
    serve::{IncomingStream, Listener},
};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_runtime::Context;
use tokio::sync::oneshot;

pub use function::{FunctionError, HttpFunction, lambda_function};
pub use routes::{LocalHandler, Routes};

use event::Arrival;
use response::Refusal;

/// Maximum integration time-out of an HTTP API (Amazon API Gateway, "Quotas for
/// HTTP APIs"): 30 s.
pub const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// What `ANY` stands for (Amazon API Gateway, "HTTP API routes"). Everything
/// else, TRACE and CONNECT above all, is refused.
const METHODS: [Method; 7] = [
    Method::DELETE,
    Method::GET,
    Method::HEAD,
    Method::OPTIONS,
    Method::PATCH,
    Method::POST,
    Method::PUT,
];

/// The time, in milliseconds since the Unix epoch.
pub type UnixMillis = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Makes a new request id at each call.
pub type RequestIds = Arc<dyn Fn() -> String + Send + Sync>;

/// What clients speak with the listener; it becomes `X-Forwarded-Proto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS, which the listener has already taken off.
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The gateway and everything it needs from outside.
pub struct Front {
    /// Which function answers what.
    pub routes: Routes,
    /// The clock of the whole run.
    pub clock: UnixMillis,
    /// Source of request ids: the gateway's and, apart from it, Lambda's.
    pub request_id: RequestIds,
    /// Names by which clients may call the front, in lower case, without port.
    /// Another Host is answered with 403, which also ends DNS rebinding.
    pub names: Vec<String>,
    /// How long a function may take before the caller gets 503.
    pub integration_timeout: Duration,
}

impl Front {
    /// A front named `localhost` and `127.0.0.1` with the gateway's own limits.
    pub fn new(routes: Routes, clock: UnixMillis, request_id: RequestIds) -> Self {
        Self {
            routes,
            clock,
            request_id,
            names: vec!["localhost".into(), "127.0.0.1".into()],
            integration_timeout: INTEGRATION_TIMEOUT,
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
        let grace = self.integration_timeout;
        let gateway = Arc::new(Gateway {
            port: listener.local_addr()?.port(),
            scheme,
            front: self,
        });
        let service = move |ConnectInfo(peer): ConnectInfo<Peer>, request: Request| {
            let gateway = Arc::clone(&gateway);
            async move { gateway.answer(peer.0, request).await }
        };
        let (stopping, stopped) = oneshot::channel();
        let service = service.into_make_service_with_connect_info::<Peer>();
        let served = axum::serve(Accepting(listener), service).with_graceful_shutdown(async move {
            shutdown.await;
            let _ = stopping.send(());
        });
        let mut served = pin!(served.into_future());
        tokio::select! {
            ended = &mut served => return ended,
            _ = stopped => {}
        }
        tokio::time::timeout(grace, served).await.unwrap_or(Ok(()))
    }
}

/// The other end of the connection.
#[derive(Clone, Copy)]
struct Peer(SocketAddr);

/// Any listener over TCP. axum tells the peer of its own listeners only, and for
/// a type of ours it can be told how.
struct Accepting<L>(L);

impl<L: Listener> Listener for Accepting<L> {
    type Io = L::Io;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        self.0.accept().await
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl<L> Connected<IncomingStream<'_, Accepting<L>>> for Peer
where
    L: Listener<Addr = SocketAddr>,
{
    fn connect_info(stream: IncomingStream<'_, Accepting<L>>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A front at its port.
struct Gateway {
    front: Front,
    scheme: Scheme,
    port: u16,
}

impl Gateway {
    /// Every answer carries the request id, refusals too.
    async fn answer(&self, peer: SocketAddr, request: Request) -> Response {
        let request_id = (self.front.request_id)();
        let mut response = self
            .handle(peer, request, &request_id)
            .await
            .unwrap_or_else(Refusal::into_response);
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert("apigw-requestid", value);
        }
        response
    }

    async fn handle(
        &self,
        peer: SocketAddr,
        request: Request,
        request_id: &str,
    ) -> Result<Response, Refusal> {
        let (parts, body) = request.into_parts();
        limits::check_head(&parts)?;
        if !METHODS.contains(&parts.method) {
            return Err(Refusal::MethodNotAllowed);
        }
        let domain = host::check(&parts, &self.front.names, self.port)?;
        let raw_path = event::raw_path(parts.uri.path()).ok_or(Refusal::BadRequest)?;
        if let Some(local) = self.front.routes.local_at(&parts.method, parts.uri.path()) {
            return Ok(response::local(local()));
        }
        let matched = self
            .front
            .routes
            .find(&parts.method, parts.uri.path())
            .ok_or(Refusal::NotFound)?;
        let body = limits::read_body(&parts, body).await?;
        let function = Arc::clone(matched.function);
        let route_key = matched.key.to_owned();
        let event = event::build(Arrival {
            parts: &parts,
            body,
            raw_path,
            matched,
            peer: peer.ip().to_canonical(),
            domain,
            scheme: self.scheme,
            port: self.port,
            request_id,
            now: (self.front.clock)(),
        })?;
        limits::check_event(&event)?;
        self.invoke(function, event, &route_key, request_id).await
    }

    /// Calls the function in a task of its own: a panic ends that task only, and
    /// a client that hangs up does not stop the function, as in Lambda.
    async fn invoke(
        &self,
        function: Arc<dyn HttpFunction>,
        event: ApiGatewayV2httpRequest,
        route_key: &str,
        request_id: &str,
    ) -> Result<Response, Refusal> {
        let limit = self.front.integration_timeout;
        let context = self.context();
        // The function's own time limit is taken to be the gateway's: at the end
        // of it Lambda stops the function, and so does dropping the future.
        let call = tokio::spawn(async move {
            tokio::time::timeout(limit, function.invoke(event, context)).await
        });
        let (refusal, cause) = match call.await {
            Ok(Ok(Ok(answer))) => match response::from_function(answer) {
                Ok(response) => return Ok(response),
                Err(cause) => (Refusal::Internal, cause),
            },
            Ok(Ok(Err(error))) => (Refusal::Internal, error.cause()),
            Ok(Err(_elapsed)) => (Refusal::Unavailable, "time-out"),
            Err(_panicked) => (Refusal::Internal, "panic"),
        };
        // The cause is one of our own words: an error's text can quote a header
        // or a body, and those hold tokens.
        tracing::error!(
            request_id,
            route_key,
            cause,
            "a function behind the HTTP front did not answer"
        );
        Err(refusal)
    }

    fn context(&self) -> Context {
        let mut context = Context::default();
        context.request_id = (self.front.request_id)();
        let ends = i64::try_from(self.front.integration_timeout.as_millis())
            .unwrap_or(i64::MAX)
            .saturating_add((self.front.clock)());
        context.deadline = u64::try_from(ends).unwrap_or(0);
        context
    }
}
