//! Events of payload format 2.0 (Amazon API Gateway, "Create AWS Lambda proxy integrations
//! for HTTP APIs"; function URLs send the same) as requests, and responses as their answers.
//!
//! Total: whatever an event holds, a function is given the request that was sent or the
//! caller gets a 400 in our error shape, and nothing panics. lambda_http gives the types;
//! its own conversion is not used, because it panics on what callers send (decision 0030).

mod answer;
mod fields;
mod request;
#[cfg(test)]
mod tests;

use std::future::Future;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, Response};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use self::fields::{Event, request_id_in};
use crate::answer::{ApiError, error};

/// Answers the events of Lambda with `handle` until Lambda ends the process.
///
/// # Errors
///
/// The runtime's API does not answer.
pub async fn serve<H, F>(handle: H) -> Result<(), Error>
where
    H: Fn(Request) -> F,
    F: Future<Output = Response<Body>>,
{
    let handle = &handle;
    run(service_fn(
        move |LambdaEvent { payload, context }: LambdaEvent<HttpEvent>| async move {
            let answer = payload.answered(&context.request_id, handle).await;
            Ok::<_, Error>(answer)
        },
    ))
    .await
}

/// An event as Lambda hands it over. Every JSON text is one: what it is good for shows when
/// it is made a request.
pub struct HttpEvent(Read);

enum Read {
    Event(Box<Event>),
    /// Not of the format. With the gateway's id of the request, where one was found.
    Other(Option<String>),
}

/// Why an event is no request. The words are for the caller and hold nothing of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// A v1 event, another service's, or one with a method or a header that HTTP does not have.
    #[error("the event is not a well-formed HTTP request of payload format 2.0")]
    Format,
    /// The path does not begin with a slash.
    #[error("the path must begin with a slash")]
    Path,
    /// Path and query together have more than 64 KB.
    #[error("path and query are too long")]
    TooLong,
    /// A cookie holds a control character, or there are too many.
    #[error("the cookies are malformed")]
    Cookies,
    /// The event says base64, and the body is something else.
    #[error("the body is not base64, although the event says so")]
    Body,
}

/// An event that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub reason: Unusable,
    /// Of the request, or of the invocation where the gateway gave none.
    pub request_id: String,
}

impl HttpEvent {
    /// The request. `invocation`: Lambda's own id of it, for an event that has none.
    pub fn into_request(self, invocation: &str) -> Result<Request, Refused> {
        let (event, id) = match self.0 {
            Read::Event(mut event) => {
                let id = event.request_context.request_id.take();
                (Some(event), id)
            }
            Read::Other(id) => (None, id),
        };
        let request_id = id
            .filter(|id| is_id(id))
            .unwrap_or_else(|| invocation.to_owned());
        let request = event
            .ok_or(Unusable::Format)
            .and_then(|event| request::of(*event, &request_id));
        request.map_err(|reason| Refused { reason, request_id })
    }

    /// The answer of `handle`, or a refusal. `invocation` as above. To HEAD it has the status
    /// and the headers that it has to GET, and no body: what a gateway would make of one is
    /// not ours to find out.
    pub async fn answered<F>(
        self,
        invocation: &str,
        handle: impl FnOnce(Request) -> F,
    ) -> ApiGatewayV2httpResponse
    where
        F: Future<Output = Response<Body>>,
    {
        answer::of(match self.into_request(invocation) {
            Ok(request) if request.method() == Method::HEAD => {
                handle(request).await.map(|_| Body::Empty)
            }
            Ok(request) => handle(request).await,
            Err(refused) => refused.response(),
        })
    }
}

impl<'de> Deserialize<'de> for HttpEvent {
    /// Fails on what is not JSON alone. What is wrong with other events is not kept: serde's
    /// messages quote what they did not expect, which can be a caller's token.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(match serde_json::from_str(text.get()) {
            Ok(event) => Read::Event(Box::new(event)),
            Err(_) => Read::Other(request_id_in(text.get())),
        }))
    }
}

impl Refused {
    /// 400, and a line in the log.
    pub fn response(&self) -> Response<Body> {
        let Self { reason, request_id } = self;
        tracing::warn!(
            event = "event_refused",
            %reason,
            request_id,
            "an event is no request that a function can read"
        );
        let refusal = ApiError::caller(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            reason.to_string(),
        );
        error(&refusal, request_id)
    }
}

/// An id that can be a header and a word in a line of the log. Gateways' own have 15 to 36
/// characters.
fn is_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}
