//! A Lambda function as a gateway sees it. What happens between the two (JSON, Lambda, the
//! runtime) is the business of the implementation.

use async_trait::async_trait;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_runtime::Context;

/// A Lambda function behind a gateway.
#[async_trait]
pub trait HttpFunction: Send + Sync {
    /// Answers one event. The gateway drops the call at the integration time-out.
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
    pub(crate) fn cause(&self) -> &'static str {
        match self {
            Self::Event(_) => "unwritable event",
            Self::Answer(_) => "malformed answer",
            Self::TooLarge => "answer too large",
        }
    }
}
