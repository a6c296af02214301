//! A Lambda function URL with AuthType AWS_IAM in front of one function. It verifies
//! Signature Version 4 against the one access key that it is given, and it is the only
//! gateway whose events say who calls: `requestContext.authorizer.iam`, built from that
//! key and from nothing that the client sent.
//!
//! Against the HTTP API (AWS Lambda, "Invoking Lambda function URLs", and events that
//! others have published): route key `$default`, no path parameters, the path still
//! encoded, a `+` in the query as a space, no Authorization header in the event while `x-amz-date` and
//! `x-amz-security-token` go along. Not played: throttling, CORS, response streaming,
//! the trace and TLS headers, and resource policies (the holder of the key may invoke).

mod denied;

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::Request,
    http::{HeaderName, header},
    response::Response,
};

use crate::{
    connection::ClientConnection,
    event::{self, Arrival, Origin},
    function::HttpFunction,
    limits,
    listener::Gateway,
    refusal::GatewayRefusal,
    sigv4::{self, AccessKey, Denied, Service, Signed},
    surroundings::{RequestIds, Surroundings, UnixMillis},
};

/// No URL of AWS's. AWS has the URL's id here, which is also the first part of its
/// domain name; the domain name of this one is the name by which it was called.
const URL_ID: &str = "local-url";
const ROUTE_KEY: &str = "$default";
/// Where AWS has verified the signature, no event that others have published holds it.
const KEPT_BACK: &[HeaderName] = &[header::AUTHORIZATION];

/// The function URL and everything it needs from outside.
pub struct FunctionUrl {
    /// The one function behind it.
    pub function: Arc<dyn HttpFunction>,
    /// Whose signatures are good.
    pub access_key: AccessKey,
    /// Clock, names, limits.
    pub surroundings: Surroundings,
}

impl FunctionUrl {
    /// A function URL named `localhost`, `127.0.0.1` and `[::1]`.
    pub fn new(
        function: Arc<dyn HttpFunction>,
        access_key: AccessKey,
        clock: UnixMillis,
        request_id: RequestIds,
    ) -> Self {
        Self {
            function,
            access_key,
            surroundings: Surroundings::new(clock, request_id),
        }
    }
}

impl Gateway for FunctionUrl {
    const ID_HEADER: HeaderName = HeaderName::from_static("x-amzn-requestid");

    fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    async fn answer(&self, at: ClientConnection, request: Request, request_id: &str) -> Response {
        self.handle(at, request, request_id)
            .await
            .unwrap_or_else(denied::answer)
    }
}

impl FunctionUrl {
    /// No body is read before everything else about the signature is right.
    async fn handle(
        &self,
        at: ClientConnection,
        request: Request,
        request_id: &str,
    ) -> Result<Response, Denied> {
        let surroundings = &self.surroundings;
        let (parts, body) = request.into_parts();
        let domain = surroundings.check_head(&parts, at.port)?;
        let raw_path = still_encoded_path(parts.uri.path())?;
        let now = (surroundings.clock)();
        let signed = Signed::read(
            &parts,
            Service::Lambda,
            &self.access_key,
            now.div_euclid(1000),
        )?;
        let body = limits::read_body(&parts, body, limits::LAMBDA_PAYLOAD).await?;
        sigv4::verify(&signed, &parts, &body, &self.access_key)?;
        let event = event::build(Arrival {
            parts: &parts,
            body,
            raw_path,
            raw_query: spaced(parts.uri.query().unwrap_or_default()),
            route_key: ROUTE_KEY,
            variables: HashMap::new(),
            at,
            domain,
            request_id,
            now,
            origin: self.origin(),
        })?;
        let function = Arc::clone(&self.function);
        Ok(surroundings.invoke(function, event, request_id).await?)
    }

    fn origin(&self) -> Origin {
        let key = &self.access_key;
        Origin {
            // Published events show an account for AWS_IAM and "anonymous" for NONE. Whose
            // it is where caller and owner differ is not known: here both are of one.
            account_id: key.role.account.clone(),
            api_id: URL_ID,
            authorizer: Some(key.authorizer()),
            kept_back: KEPT_BACK,
        }
    }
}

/// Function URLs hand the path on as it came, also one that does not decode.
fn still_encoded_path(received: &str) -> Result<String, GatewayRefusal> {
    if received.starts_with('/') {
        Ok(received.to_owned())
    } else {
        Err(GatewayRefusal::BadRequest)
    }
}

/// `a+b` arrives as `a b` (aws-lambda-web-adapter, issue 491), and `%2B` as it was sent.
fn spaced(query: &str) -> String {
    query.replace('+', " ")
}
