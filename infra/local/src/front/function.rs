//! A Lambda function as the front sees it, and the way from a handler of requests to one.
//! Event and answer go through JSON as between API Gateway, Lambda and the runtime, so that
//! what JSON loses there is lost here, and through the conversion of the functions' mains.

use std::{future::Future, sync::Arc};

use async_trait::async_trait;
use lambda::event::HttpEvent;
use lambda_http::{
    Body, Request, Response,
    aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
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
    /// The event cannot be written as JSON.
    #[error("the event cannot be written")]
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
            Self::Event(_) => "unwritable event",
            Self::Answer(_) => "malformed answer",
            Self::TooLarge => "answer too large",
        }
    }
}

/// Makes a function of a handler, by the conversion that the mains use.
pub fn lambda_function<H, Fut>(handler: H) -> Arc<dyn HttpFunction>
where
    H: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Response<Body>> + Send + 'static,
{
    Arc::new(Handler(handler))
}

struct Handler<H>(H);

#[async_trait]
impl<H, Fut> HttpFunction for Handler<H>
where
    H: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Response<Body>> + Send + 'static,
{
    async fn invoke(
        &self,
        event: ApiGatewayV2httpRequest,
        context: Context,
    ) -> Result<ApiGatewayV2httpResponse, FunctionError> {
        let event = serde_json::to_vec(&event).map_err(FunctionError::Event)?;
        let event: HttpEvent = serde_json::from_slice(&event).map_err(FunctionError::Event)?;
        let answer = event.answered(&context.request_id, &self.0).await;
        let answer = serde_json::to_vec(&answer).map_err(FunctionError::Answer)?;
        if answer.len() > LAMBDA_PAYLOAD {
            return Err(FunctionError::TooLarge);
        }
        serde_json::from_slice(&answer).map_err(FunctionError::Answer)
    }
}
