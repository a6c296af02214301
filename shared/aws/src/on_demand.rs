//! The function that signs, invoked in AWS Lambda. Each request is sent once: the SDK's
//! repeats are off, because a second attempt would be a second request. The times nest: a
//! gateway waits 30 s, the caller has 25, this waits 22, that function has 20.

use std::time::Duration;

use async_trait::async_trait;
use auth::on_demand::{OnDemandAnswer, OnDemandFunction, OnDemandRequest, event_of};
use auth::ports::OutOfReach;
use auth::transport::{Awaited, NoAnswer, TransportFault};
use aws_config::SdkConfig;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;

use crate::failure::{Failure, classify, no_answer};

/// How long an answer is waited for, the connection included.
const PATIENCE: Duration = Duration::from_secs(22);
/// Whether it is ready is asked before something longer is: a caller, who has 25 s, has time
/// for both and for its own reads of the table.
const PATIENCE_FOR_READY: Duration = Duration::from_secs(2);
/// An answer has less than 2 KB.
const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// Lambda's word where a function, or the account, has no room for another invocation.
const NO_ROOM: &str = "TooManyRequestsException";

/// A function of AWS Lambda that answers requests on demand.
#[derive(Debug, Clone)]
pub struct OnDemandLambda {
    client: Client,
    name: String,
}

impl OnDemandLambda {
    /// `name`: the function's name or ARN, with the asker's alias.
    pub(crate) fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        let config = aws_sdk_lambda::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(waiting(PATIENCE))
            .build();
        Self {
            client: Client::from_conf(config),
            name: name.into(),
        }
    }

    async fn invoke(&self, request: &OnDemandRequest) -> Result<OnDemandAnswer, Unanswered> {
        let payload = event_of(request).and_then(|event| serde_json::to_vec(&event));
        let payload = payload.map_err(|_| Unanswered::of(OutOfReach::Unreached, "no JSON"))?;
        let invocation = self.client.invoke().function_name(&self.name);
        let invocation = invocation.payload(Blob::new(payload));
        let invoked = match request {
            OnDemandRequest::Ready {} => {
                let times = waiting(PATIENCE_FOR_READY);
                let times = aws_sdk_lambda::Config::builder().timeout_config(times);
                invocation.customize().config_override(times).send().await
            }
            _ => invocation.send().await,
        };
        read(invoked.map_err(|error| not_invoked(&error))?)
    }
}

#[async_trait]
impl OnDemandFunction for OnDemandLambda {
    async fn ask(&self, request: &OnDemandRequest) -> Result<OnDemandAnswer, OutOfReach> {
        let answer = self.invoke(request).await;
        answer.map_err(|Unanswered { kind, why }| {
            tracing::error!(
                event = "on_demand_unanswered",
                kind = kind.as_str(),
                why,
                "the function that signs gave no answer: {kind}"
            );
            kind
        })
    }
}

fn waiting(patience: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .read_timeout(patience)
        .operation_attempt_timeout(patience)
        .operation_timeout(patience)
        .build()
}

/// What became of an invocation, with what the operator looks at.
struct Unanswered {
    kind: OutOfReach,
    why: String,
}

impl Unanswered {
    fn of(kind: OutOfReach, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { kind, why }
    }
}

/// An answer of the function. What it is when it is none is not repeated: nothing is known of
/// what it holds.
fn read(output: InvokeOutput) -> Result<OnDemandAnswer, Unanswered> {
    if output.function_error.is_some() {
        return Err(Unanswered::of(OutOfReach::Failed, "look at its own log"));
    }
    let payload = output.payload.unwrap_or_else(|| Blob::new([]));
    let payload = payload.as_ref();
    let read = match payload.len() > ANSWER_MAX_BYTES {
        true => None,
        false => serde_json::from_slice(payload).ok(),
    };
    let unreadable = "is ON_DEMAND_FUNCTION the refresher with ON_DEMAND=true, of this version?";
    read.ok_or_else(|| Unanswered::of(OutOfReach::Unreadable, unreadable))
}

fn not_invoked(error: &SdkError<InvokeError, HttpResponse>) -> Unanswered {
    let status = error.raw_response().map(|raw| raw.status().as_u16());
    if error.code() == Some(NO_ROOM) || status == Some(429) {
        return Unanswered::of(OutOfReach::Busy, "throttled (429): check its concurrency");
    }
    let kind = match no_answer(error) {
        Some(NoAnswer {
            fault: TransportFault::TimedOut(Awaited::Answer),
            ..
        }) => OutOfReach::Late,
        _ if matches!(error, SdkError::TimeoutError(_)) => OutOfReach::Late,
        _ => OutOfReach::Unreached,
    };
    Unanswered::of(kind, explained(classify(error)))
}

fn explained(failure: Failure) -> String {
    match failure {
        Failure::Unavailable(what) | Failure::Untrusted(what) => what,
        Failure::NotFound => {
            "there is no such function in this account and region: check ON_DEMAND_FUNCTION".into()
        }
        Failure::Denied(code) => {
            format!("it may not be invoked: check the role's policy and credentials ({code})")
        }
        Failure::Refused(code) => format!("Lambda refuses the invocation ({code})"),
    }
}
