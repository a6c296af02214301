//! A handler of requests as the Lambda function that a gateway calls. Event and answer go
//! through JSON as between the gateway, Lambda and the runtime, so that what JSON loses there
//! is lost here, and through the conversion of the functions' mains.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use gateway_sim::{FunctionError, HttpFunction, LAMBDA_PAYLOAD};
use lambda::event::HttpEvent;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::{Body, Request, Response};
use lambda_runtime::Context;

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
