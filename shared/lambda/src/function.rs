//! What a function is to its start: a name, its settings, how it is built, and what it answers
//! before and after.

use std::future::Future;
use std::time::Duration;

use auth::on_demand::answering;
use auth::ports::{Clock, Meter};
use lambda_http::{Body, Request, Response};
use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde_json::Value;
use tracing::{Instrument as _, Span};
use wiring::Basis;

use crate::{request, transport_security};

/// A function. Its `main`, the one-machine run and the tests build it by this.
pub trait Function: Sized + Send + Sync + 'static {
    /// As log, metrics and alarms name it.
    const NAME: &'static str;
    /// Its one struct of settings.
    type Settings: Clone + Send + Sync + 'static;

    /// Loads what it cannot be without, side by side; fails in one clear line. A
    /// [`SecretError`](auth::ports::SecretError) is one that a later attempt may mend.
    fn build(
        basis: Basis<Self::Settings>,
        ahead: Ahead,
    ) -> impl Future<Output = anyhow::Result<Self>> + Send;
}

/// What is fetched before anyone asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    /// What the function cannot be without.
    Secrets,
    /// What the first request would wait for besides, such as the policies. That these can
    /// be had is no condition.
    Everything,
}

/// A function that a gateway calls.
pub trait AnswersRequests: Function {
    /// Answers one request, within its span. `id`: the gateway's, for log and answer.
    fn answer(&self, request: &Request, id: &str) -> impl Future<Output = Response<Body>> + Send;

    /// Answers a request that came before the function was built, within its span.
    fn come_again(early: &TooEarly<'_, Self::Settings>) -> Response<Body>;

    /// Where its figures go, if somewhere.
    fn meter(&self) -> Option<&dyn Meter>;

    /// Answers one request in a span of its own.
    fn handle(&self, request: Request) -> impl Future<Output = Response<Body>> + Send {
        async move {
            let id = request::request_id(&request);
            let span = request::span(&request, &id);
            answer_within(self, span, &request, &id).await
        }
    }
}

/// Answers one request within `span`, which is completed.
pub(crate) async fn answer_within<F: AnswersRequests>(
    function: &F,
    span: Span,
    request: &Request,
    id: &str,
) -> Response<Body> {
    let strict = transport_security::of(request);
    // What it asks on demand carries the id. In a box, because each future around it would hold
    // it twice, and it has some kilobytes.
    let answer = Box::pin(answering(id, function.answer(request, id)));
    request::watched(span, strict, function.meter(), answer).await
}

/// A request that came before the function was built.
pub struct TooEarly<'a, S> {
    /// As it came.
    pub request: &'a Request,
    /// The gateway's id of it.
    pub id: &'a str,
    /// What the function will be built from.
    pub settings: &'a S,
    /// The platform's.
    pub clock: &'a dyn Clock,
    /// The clock's reading when the request came.
    pub began: Duration,
}

/// A function that a schedule or another event starts. What went wrong is in its report, unless
/// [`failed`](AnswersEvents::failed) says otherwise: an error would only make Lambda run it again.
pub trait AnswersEvents: Function {
    /// What a run answers.
    type Report: Serialize + Send;

    /// The span of a run.
    fn span(event: &LambdaEvent<Value>) -> Span;

    /// One run, within its span.
    fn answer(&self, event: &LambdaEvent<Value>) -> impl Future<Output = Self::Report> + Send;

    /// The report of a run that came before the function was built.
    fn not_started(event: &LambdaEvent<Value>) -> Self::Report;

    /// Why the invocation has to end with an error, for a caller that looks for one and begins
    /// again itself; `None` where the report says it all.
    fn failed(_: &Self::Report) -> Option<String> {
        None
    }

    /// One run in a span of its own.
    fn run(&self, event: &LambdaEvent<Value>) -> impl Future<Output = Self::Report> + Send {
        self.answer(event).instrument(Self::span(event))
    }
}
