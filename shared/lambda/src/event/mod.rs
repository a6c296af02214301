//! Events of payload format 2.0 (Amazon API Gateway, "Create AWS Lambda proxy integrations
//! for HTTP APIs"; function URLs send the same) as requests, and responses as their answers.
//!
//! Total: whatever an event holds, a function is given the request that was sent or the
//! caller gets a 400 in our error shape, and nothing panics. lambda_http gives the types;
//! its own conversion is not used, because it panics on what callers send (decision 0030).

mod payload;
mod refused;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::future::Future;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::Method;
use lambda_http::{Body, Request, Response};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use self::payload::{Payload, request_id_in};
pub use self::refused::{Refused, Unusable};

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
pub struct HttpEvent(Delivered);

enum Delivered {
    /// Of payload format 2.0.
    Http(Box<Payload>),
    /// Not of the format. With the gateway's id of the request, where one was found.
    Other(Option<String>),
}

impl HttpEvent {
    /// The request. `invocation`: Lambda's own id of it, for an event that has none.
    pub fn into_request(self, invocation: &str) -> Result<Request, Refused> {
        let id_or = |id: Option<String>| {
            let id = id.filter(|id| is_id(id));
            id.unwrap_or_else(|| invocation.to_owned())
        };
        match self.0 {
            Delivered::Http(mut payload) => {
                let request_id = id_or(payload.request_context.request_id.take());
                let request = request::of(*payload, &request_id);
                request.map_err(|reason| Refused { reason, request_id })
            }
            Delivered::Other(id) => Err(Refused {
                reason: Unusable::Format,
                request_id: id_or(id),
            }),
        }
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
        response::of(match self.into_request(invocation) {
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
            Ok(payload) => Delivered::Http(Box::new(payload)),
            Err(_) => Delivered::Other(request_id_in(text.get())),
        }))
    }
}

/// An id that can be a header and a word in a line of the log. Gateways' own have 15 to 36
/// characters.
fn is_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}
