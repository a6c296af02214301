//! A function that may have to wait for its secrets (decision 0025). What the settings get
//! wrong ends the start: only another deployment mends it. A secret that cannot be had is
//! asked for again when the next request comes, so that whoever mends it has to do no more.
//!
//! Each request that finds the function not built leaves one line within its span; what it
//! answers is the function's own business.

use std::sync::OnceLock;

use auth::Timestamp;
use auth::ports::SecretError;
use auth::text::veiled;
use lambda_http::{Body, Request, Response};
use lambda_runtime::LambdaEvent;
use serde_json::Value;
use tokio::sync::Mutex;
use tracing::{Instrument as _, Span};
use wiring::Basis;

use crate::function::{Ahead, AnswersEvents, AnswersRequests, Function, TooEarly, answer_within};
use crate::{request, transport_security};

/// Seconds between two attempts: a secrets manager that does not answer keeps no more than
/// one request waiting.
const BETWEEN_ATTEMPTS: u64 = 2;

/// A function that is built, or that will be.
pub struct Starting<F: Function> {
    basis: Basis<F::Settings>,
    built: OnceLock<F>,
    waiting: Mutex<Option<Waiting>>,
}

/// Why the last attempt built nothing.
struct Waiting {
    reason: String,
    since: Timestamp,
}

impl<F: Function> Starting<F> {
    /// Makes the first attempt. An error is one that no later attempt would mend.
    pub async fn begin(basis: Basis<F::Settings>) -> anyhow::Result<Self> {
        let starting = Self {
            basis,
            built: OnceLock::new(),
            waiting: Mutex::new(None),
        };
        match F::build(starting.basis.clone(), Ahead::Everything).await {
            Ok(function) => starting.keep(function),
            Err(error) if passes(&error) => starting.wait(error).await,
            Err(error) => return Err(error),
        }
        Ok(starting)
    }

    /// The function; `None`, and a line in the log, while it cannot be built. `span`: the
    /// request's. A function that is built does not enter it.
    async fn get(&self, span: &Span) -> Option<&F> {
        if let Some(function) = self.built.get() {
            return Some(function);
        }
        self.get_late().instrument(span.clone()).await
    }

    async fn get_late(&self) -> Option<&F> {
        let mut waiting = self.waiting.lock().await;
        // Whoever held the lock may have built it.
        if self.built.get().is_none() {
            self.try_again(&mut waiting).await;
        }
        self.built.get()
    }

    async fn try_again(&self, waiting: &mut Option<Waiting>) {
        let now = self.basis.platform.clock.now();
        if let Some(waiting) = waiting
            && waiting.since <= now
            && waiting.since.seconds_until(now) < BETWEEN_ATTEMPTS
        {
            return self.report(&waiting.reason);
        }
        // What is missing is all that a later attempt is for.
        match F::build(self.basis.clone(), Ahead::Secrets).await {
            Ok(function) => {
                let name = F::NAME;
                tracing::info!(
                    event = "start_done",
                    function = name,
                    "the {name} function has what it waited for"
                );
                self.keep(function);
            }
            Err(error) => *waiting = Some(self.waits(&error)),
        }
    }

    async fn wait(&self, error: anyhow::Error) {
        *self.waiting.lock().await = Some(self.waits(&error));
    }

    fn waits(&self, error: &anyhow::Error) -> Waiting {
        let reason = veiled(&format!("{error:#}"));
        self.report(&reason);
        Waiting {
            reason,
            since: self.basis.platform.clock.now(),
        }
    }

    fn report(&self, reason: &str) {
        let name = F::NAME;
        tracing::error!(
            event = "start_waits",
            function = name,
            reason,
            "the {name} function cannot work yet; the next request tries again"
        );
    }

    fn keep(&self, function: F) {
        // Only one attempt runs at a time, and none after the one that succeeded.
        let _first = self.built.set(function);
    }
}

impl<F: AnswersRequests> Starting<F> {
    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let clock = &self.basis.platform.clock;
        let began = clock.since_start();
        let id = request::request_id(&request);
        let span = request::span(&request, &id);
        if let Some(function) = self.get(&span).await {
            return answer_within(function, span, &request, &id).await;
        }
        let early = TooEarly {
            request: &request,
            id: &id,
            settings: &self.basis.settings,
            clock: clock.as_ref(),
            began,
        };
        let strict = transport_security::of(&request);
        request::watched(span, strict, None, async { F::come_again(&early) }).await
    }
}

impl<F: AnswersEvents> Starting<F> {
    /// Answers one event.
    pub async fn run(&self, event: &LambdaEvent<Value>) -> F::Report {
        let span = F::span(event);
        match self.get(&span).await {
            Some(function) => function.answer(event).instrument(span).await,
            None => F::not_started(event),
        }
    }
}

/// Whether the same program can start later, without another deployment.
fn passes(error: &anyhow::Error) -> bool {
    error.downcast_ref::<SecretError>().is_some()
}

#[cfg(test)]
#[path = "starting_tests.rs"]
mod tests;
