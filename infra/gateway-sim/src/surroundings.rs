//! What every gateway takes from outside, and what all of them do alike: the checks
//! of a request's head, the call of the function, and the refusal where it fails.

use std::{sync::Arc, time::Duration};

use axum::{
    http::{Method, request::Parts},
    response::Response,
};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_runtime::Context;

use crate::{function::HttpFunction, host, limits, refusal::GatewayRefusal, response};

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

/// What a gateway needs from outside.
pub struct Surroundings {
    /// The clock of the whole run.
    pub clock: UnixMillis,
    /// Source of request ids: the gateway's and, apart from it, Lambda's.
    pub request_id: RequestIds,
    /// Names by which clients may call the gateway, in lower case, without port.
    /// Another Host is answered with 403, which also ends DNS rebinding.
    pub names: Vec<String>,
    /// How long a function may take before the caller gets a refusal.
    pub integration_timeout: Duration,
}

impl Surroundings {
    /// Named `localhost`, `127.0.0.1` and `[::1]`, with the gateway's own limits.
    pub fn new(clock: UnixMillis, request_id: RequestIds) -> Self {
        Self {
            clock,
            request_id,
            names: ["localhost", "127.0.0.1", "[::1]"]
                .map(str::to_owned)
                .into(),
            integration_timeout: INTEGRATION_TIMEOUT,
        }
    }

    /// Size, method and Host; gives the name by which the gateway was called.
    pub(crate) fn check_head(&self, parts: &Parts, port: u16) -> Result<String, GatewayRefusal> {
        limits::check_head(parts)?;
        if !METHODS.contains(&parts.method) {
            return Err(GatewayRefusal::MethodNotAllowed);
        }
        host::check(parts, &self.names, port)
    }

    /// Calls the function in a task of its own: a panic ends that task only, and
    /// a client that hangs up does not stop the function, as in Lambda.
    pub(crate) async fn invoke(
        &self,
        function: Arc<dyn HttpFunction>,
        event: ApiGatewayV2httpRequest,
        request_id: &str,
    ) -> Result<Response, GatewayRefusal> {
        limits::check_event(&event)?;
        let route_key = event.route_key.clone().unwrap_or_default();
        let limit = self.integration_timeout;
        let context = self.context();
        // The function's own time limit is taken to be the gateway's: at the end
        // of it Lambda stops the function, and so does dropping the future.
        let call = tokio::spawn(async move {
            tokio::time::timeout(limit, function.invoke(event, context)).await
        });
        let (refusal, cause) = match call.await {
            Ok(Ok(Ok(answer))) => match response::from_function(answer) {
                Ok(response) => return Ok(response),
                Err(cause) => (GatewayRefusal::Internal, cause),
            },
            Ok(Ok(Err(error))) => (GatewayRefusal::Internal, error.cause()),
            Ok(Err(_elapsed)) => (GatewayRefusal::Unavailable, "time-out"),
            Err(_panicked) => (GatewayRefusal::Internal, "panic"),
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
        context.request_id = (self.request_id)();
        let ends = i64::try_from(self.integration_timeout.as_millis())
            .unwrap_or(i64::MAX)
            .saturating_add((self.clock)());
        context.deadline = u64::try_from(ends).unwrap_or(0);
        context
    }
}
