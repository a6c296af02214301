//! A Lambda function as the front sees it, and the way from a lambda_http
//! handler to one. Event and answer go through JSON as between API Gateway,
//! Lambda and the runtime, so that what JSON loses there is lost here.

use std::{future::Future, sync::Arc};

use async_trait::async_trait;
use lambda_http::{
    Adapter, Body, Error, LambdaEvent, Request, Response, Service,
    aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    request::LambdaRequest,
    service_fn,
};
use lambda_runtime::Context;

use super::limits::LAMBDA_PAYLOAD;

/// A Lambda function behind the front.
#[async_trait]
pub trait HttpFunction: Send + Sync {
    /// Answers one event. The front drops the call at the integration time-out.
    async fn invoke(
        &self,
        event: ApiGatewayV2httpRequest,
        context: Context,
    ) -> Result<ApiGatewayV2httpResponse, FunctionError>;
}

/// Why a function gave no answer; the caller sees 500 in each case.
#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    /// The handler returned an error.
    #[error("the handler failed")]
    Handler(#[source] Error),
    /// lambda_http cannot read the event.
    #[error("the event cannot be read")]
    Event(#[source] serde_json::Error),
    /// The answer is not of payload format 2.0.
    #[error("the answer is not of payload format 2.0")]
    Answer(#[source] serde_json::Error),
    /// The answer is above Lambda's 6 MB.
    #[error("the answer is above Lambda's payload limit")]
    TooLarge,
}

impl FunctionError {
    /// A word for the log, free of anything that a request or an answer holds.
    pub(super) fn cause(&self) -> &'static str {
        match self {
            Self::Handler(_) => "handler error",
            Self::Event(_) => "unreadable event",
            Self::Answer(_) => "malformed answer",
            Self::TooLarge => "answer too large",
        }
    }
}

/// Makes a function of a lambda_http handler, by lambda_http's own adapter.
pub fn lambda_function<H, Fut>(handler: H) -> Arc<dyn HttpFunction>
where
    H: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Response<Body>, Error>> + Send + 'static,
{
    Arc::new(Handler(handler))
}

struct Handler<H>(H);

#[async_trait]
impl<H, Fut> HttpFunction for Handler<H>
where
    H: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Response<Body>, Error>> + Send + 'static,
{
    async fn invoke(
        &self,
        event: ApiGatewayV2httpRequest,
        context: Context,
    ) -> Result<ApiGatewayV2httpResponse, FunctionError> {
        let event = serde_json::to_vec(&event).map_err(FunctionError::Event)?;
        let event: LambdaRequest = serde_json::from_slice(&event).map_err(FunctionError::Event)?;
        let call = Adapter::from(service_fn(&self.0)).call(LambdaEvent::new(event, context));
        let answer = call.await.map_err(FunctionError::Handler)?;
        let answer = serde_json::to_vec(&answer).map_err(FunctionError::Answer)?;
        if answer.len() > LAMBDA_PAYLOAD {
            return Err(FunctionError::TooLarge);
        }
        serde_json::from_slice(&answer).map_err(FunctionError::Answer)
    }
}
