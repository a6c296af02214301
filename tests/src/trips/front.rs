//! The gateway in front of the consent program.

use std::sync::Arc;

use async_trait::async_trait;
use gateway_sim::{FunctionError, HttpFunction, Routes, Scheme};
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_runtime::Context;
use tokio::net::TcpListener;

use crate::issuer::http_api;
use crate::lambda_runtime::Runtime;

/// A program behind its runtime API.
struct Behind(Arc<Runtime>);

#[async_trait]
impl HttpFunction for Behind {
    async fn invoke(
        &self,
        event: ApiGatewayV2httpRequest,
        _context: Context,
    ) -> Result<ApiGatewayV2httpResponse, FunctionError> {
        let event = serde_json::to_string(&event).map_err(FunctionError::Event)?;
        let answer = self.0.invoke("front", event).await;
        serde_json::from_value(answer.body.clone()).map_err(FunctionError::Answer)
    }
}

/// Serves the program; gives the port.
pub(super) async fn serve(runtime: Arc<Runtime>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let api = http_api(Routes::new().default(Arc::new(Behind(runtime))));
    let never = std::future::pending();
    tokio::spawn(gateway_sim::serve(api, listener, Scheme::Http, never));
    port
}
