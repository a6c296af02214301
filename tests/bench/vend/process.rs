//! The measured process: the vending function and handlers that answer a constant, each
//! at a port of its own behind the same gateway and adapter, until somebody ends it.
//!
//! A signed request is one whose event says which role has signed it, as the function URL
//! writes it. Here the event is completed without a signature: to check one is the
//! gateway's work, and no part of what the function costs.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use gateway_sim::{FunctionError, HttpFunction, Routes, Scheme};
use lambda::function::{Ahead, AnswersRequests as _, Function as _};
use lambda::telemetry::{self, LogFormat};
use lambda_http::aws_lambda_events::apigw::{
    ApiGatewayRequestAuthorizer, ApiGatewayRequestAuthorizerIamDescription,
    ApiGatewayV2httpRequest, ApiGatewayV2httpResponse,
};
use lambda_http::{Body, Request, Response};
use lambda_runtime::Context;
use local::lambda_function;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use vending::Vending;
use wiring::Basis;

use crate::child::say;
use crate::fleet;
use crate::place::Place;
use crate::policy_text::{ACCOUNT, ROLE};
use tests::issuer::http_api;

/// The constant answer holds a token of the usual length.
const ANSWER: &str = r#"{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"refresh_in":1800,"expires_on":1795600000,"access_token":"#;
/// Bytes of an audit line of a signed vend.
const LINE_BYTES: usize = 620;

/// Where the process answers what.
#[derive(Serialize, Deserialize)]
pub(crate) struct Addresses {
    /// A constant.
    pub(crate) constant: String,
    /// A constant to a signed request.
    pub(crate) signed_constant: String,
    /// The same, which writes a line as long as the audit line before it answers.
    pub(crate) signed_line: String,
    /// Vends to whom a token proves; from memory.
    pub(crate) bearer: String,
    /// Vends to a role; from memory.
    pub(crate) signed: String,
    /// Vends to the role under a new id each time, about which nothing was decided yet.
    pub(crate) signed_anew: String,
    /// Vends to the role, with a look at the table each time.
    pub(crate) signed_from_table: String,
}

/// Serves until somebody ends it.
pub(crate) async fn serve(data_dir: &Path, issuers: String) {
    telemetry::init(LogFormat::Json, None);
    let place = Place::of(data_dir);
    // No look at the table while it is measured.
    let remembering = function(vending(&place, &issuers, "300").await);
    let reading = function(vending(&place, &issuers, "0").await);
    let (constant, line) = (constant(None), constant(Some("-".repeat(LINE_BYTES))));
    let addresses = Addresses {
        constant: at_a_port(Arc::clone(&constant)).await,
        signed_constant: at_a_port(signed(&constant, one_id)).await,
        signed_line: at_a_port(signed(&line, one_id)).await,
        bearer: at_a_port(Arc::clone(&remembering)).await,
        signed: at_a_port(signed(&remembering, one_id)).await,
        signed_anew: at_a_port(signed(&remembering, new_ids())).await,
        signed_from_table: at_a_port(signed(&reading, one_id)).await,
    };
    say(&serde_json::to_string(&addresses).unwrap()).await;
    std::future::pending::<()>().await;
}

async fn vending(place: &Place, issuers: &str, max_age: &str) -> Vending {
    let basis = Basis::on(&place.signing().await, &|name| match name {
        "VENDING_ISSUERS" => Some(issuers.to_owned()),
        "VEND_STATE_MAX_AGE_SECONDS" => Some(max_age.to_owned()),
        // One caller asks as fast as it can.
        "CALLER_BURST" => Some("1000000".to_owned()),
        name => place.lookup(name),
    });
    let built = Vending::build(basis.unwrap(), Ahead::Secrets);
    built.await.unwrap()
}

fn function(vending: Vending) -> Arc<dyn HttpFunction> {
    let vending = Arc::new(vending);
    lambda_function(move |request: Request| {
        let vending = Arc::clone(&vending);
        async move { vending.handle(request).await }
    })
}

/// A handler that answers a constant with the headers of a vend's answer and as long, after
/// it has written a line where there is one to write.
fn constant(line: Option<String>) -> Arc<dyn HttpFunction> {
    let token = "t".repeat(fleet::TOKEN_BYTES);
    let body = format!("{ANSWER}\"{token}\"}}");
    let line = line.map(|line| line + "\n");
    lambda_function(move |_: Request| {
        let body = body.clone();
        if let Some(line) = &line {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(line.as_bytes()).unwrap();
        }
        async move {
            let response = Response::builder()
                .header("content-type", "application/json; charset=utf-8")
                .header("cache-control", "no-store")
                .header("x-content-type-options", "nosniff")
                .header("x-request-id", "2keeG3l9SRdZlWv-");
            response.body(Body::Text(body)).unwrap()
        }
    })
}

/// Serves the function for every path; its address.
async fn at_a_port(function: Arc<dyn HttpFunction>) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let api = http_api(Routes::new().default(function));
    let never = std::future::pending();
    tokio::spawn(gateway_sim::serve(api, listener, Scheme::Http, never));
    address
}

/// The id of the role, where it is always the same.
pub(crate) fn one_id() -> String {
    "AROAIOSFODNN7EXAMPLE1".to_owned()
}

fn new_ids() -> impl Fn() -> String + Send + Sync + 'static {
    let next = AtomicUsize::new(0);
    move || format!("AROAIOSFODNN{:09}", next.fetch_add(1, Ordering::Relaxed))
}

fn signed(
    function: &Arc<dyn HttpFunction>,
    role_id: impl Fn() -> String + Send + Sync + 'static,
) -> Arc<dyn HttpFunction> {
    Arc::new(Signed {
        function: Arc::clone(function),
        role_id: Box::new(role_id),
    })
}

/// A function whose requests are signed by the role, under the id that is next.
struct Signed {
    function: Arc<dyn HttpFunction>,
    role_id: Box<dyn Fn() -> String + Send + Sync>,
}

#[async_trait]
impl HttpFunction for Signed {
    async fn invoke(
        &self,
        mut event: ApiGatewayV2httpRequest,
        context: Context,
    ) -> Result<ApiGatewayV2httpResponse, FunctionError> {
        event.request_context.authorizer = Some(signed_by(&(self.role_id)()));
        self.function.invoke(event, context).await
    }
}

/// What the function URL says of a request that the role has signed.
pub(crate) fn signed_by(role_id: &str) -> ApiGatewayRequestAuthorizer {
    let session = format!("{role_id}:collector");
    let mut iam = ApiGatewayRequestAuthorizerIamDescription::default();
    iam.access_key = Some("ASIAIOSFODNN7EXAMPLE".to_owned());
    iam.account_id = Some(ACCOUNT.to_owned());
    iam.caller_id = Some(session.clone());
    iam.user_arn = Some(format!(
        "arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/collector"
    ));
    iam.user_id = Some(session);
    let mut authorizer = ApiGatewayRequestAuthorizer::default();
    authorizer.iam = Some(iam);
    authorizer
}
