//! The client of the Activity API: what it is built from, and each of its operations.

use std::time::Duration;

use async_trait::async_trait;
use auth::TenantId;
use feed::ContentType;
use feed::address::Address;
use feed::ports::{
    Body, Failure, FeedApi, ListPage, ListedFrom, Request, Subscribe, Subscribed, Subscriptions,
};
use feed::refusal::Refusal;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use tracing::Instrument as _;
use tracing::field::Empty;

use super::answer::{Answer, Head};
use super::body::ContentBody;
use super::call::{About, Call, Operation};
use super::listing;
use super::pieces::{Broken, Pieces};
use super::refused;
use super::subscriptions::{self, Started};
use crate::http::{HttpError, too_late};
use crate::trust::TrustRoots;

/// A page that is held in memory, decoded. What a page holds is not published; 16 MiB are
/// 20,000 entries of 800 bytes.
const PAGE_MAX: u64 = 16 << 20;
/// A refusal with its trace.
const ERROR_MAX: u64 = 256 << 10;
/// A content, decoded: far above the 68 MB that a peer plans for. It is never held.
const CONTENT_MAX: u64 = 4 << 30;

/// How long is waited. A connection has the time of [`TrustRoots`].
#[derive(Debug, Clone, Copy)]
pub struct ActivityPatience {
    /// From the first byte out to the head of the answer: listings of busy tenants are slow
    /// (protocol notes §8).
    pub head: Duration,
    /// Between two pieces of a body: it may be slow and must not stand still.
    pub piece: Duration,
    /// From the head to the end of an answer that is held in memory.
    pub page: Duration,
    /// From the first byte out to the end of a content.
    pub content: Duration,
}

impl Default for ActivityPatience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(60),
            piece: Duration::from_secs(30),
            page: Duration::from_secs(60),
            content: Duration::from_secs(3_600),
        }
    }
}

/// What a client is built from. The host comes with each request: a tenant's cloud decides it.
pub struct ActivityParts {
    /// CAs to trust besides the system's.
    pub roots: TrustRoots,
    /// Our own tenant, as every request names it: `PublisherIdentifier`.
    pub publisher: TenantId,
    /// How long is waited.
    pub patience: ActivityPatience,
}

/// The client, for tenants of every cloud.
pub struct ActivityClient {
    roots: TrustRoots,
    publisher: TenantId,
    patience: ActivityPatience,
}

impl ActivityClient {
    /// Makes no request.
    pub fn new(parts: ActivityParts) -> Self {
        let ActivityParts {
            roots,
            publisher,
            patience,
        } = parts;
        Self {
            roots,
            publisher,
            patience,
        }
    }

    /// An answer of 200, read whole.
    async fn whole(&self, call: &Call<'_>) -> Result<Answer, Failure> {
        let (head, response) = self.ok(call).await?;
        let read = self.held(call, response, PAGE_MAX).await;
        let body = read.map_err(|broken| refused::broken(call.about(), head.at, &broken))?;
        Ok(Answer { head, body })
    }

    /// What is asked about subscriptions.
    async fn asked(
        &self,
        operation: Operation,
        who: Request<'_>,
        content_type: Option<ContentType>,
        body: Option<String>,
    ) -> Result<(About, Answer), Failure> {
        let call = Call::subscriptions(operation, who, content_type, self.publisher);
        let mut call = call.ok_or_else(|| refused::elsewhere(operation, who))?;
        call.body = body;
        Ok((call.about(), self.whole(&call).await?))
    }

    /// The head of an answer of 200, and its body to come.
    async fn ok(&self, call: &Call<'_>) -> Result<(Head, Response), Failure> {
        let about = call.about();
        // A token that no header can hold was not made by Microsoft.
        let bearer = bearer(call.who).ok_or(Failure::of(Refusal::TokenRefused))?;
        let answered = self.answered(call, &bearer).await;
        let response = answered.map_err(|error| refused::unavailable(about, &error))?;
        let head = Head::of(response.status(), response.headers());
        if head.status == StatusCode::OK {
            return Ok((head, response));
        }
        // One that cannot be read leaves the status.
        let body = self.held(call, response, ERROR_MAX).await;
        Err(refused::refused(about, &head, &body.unwrap_or_default()))
    }

    /// Sends the request, in a span with OpenTelemetry's names (HTTP client spans). The URL's
    /// path is left out: it names the tenant.
    async fn answered(&self, call: &Call<'_>, bearer: &HeaderValue) -> Result<Response, HttpError> {
        let span = tracing::info_span!(
            "activity_request",
            otel.kind = "client",
            operation = call.operation.as_str(),
            http.request.method = call.operation.method().as_str(),
            server.address = call.url.host_str(),
            http.response.status_code = Empty,
            error.type = Empty,
        );
        let answer = self.send(call, bearer).instrument(span.clone()).await;
        match &answer {
            Ok(response) => span.record("http.response.status_code", response.status().as_u16()),
            Err(error) => span.record("error.type", error.error_type()),
        };
        answer
    }

    async fn send(&self, call: &Call<'_>, bearer: &HeaderValue) -> Result<Response, HttpError> {
        let http = self.roots.client(Some(&call.url))?;
        let method = call.operation.method();
        let request = |client: &Client| -> RequestBuilder {
            let request = client
                .request(method.clone(), call.url.clone())
                .header(AUTHORIZATION, bearer.clone())
                .header(ACCEPT, "application/json")
                .header(ACCEPT_ENCODING, "gzip")
                .timeout(self.patience.content);
            match &call.body {
                Some(body) => request
                    .header(CONTENT_TYPE, "application/json")
                    .body(body.clone()),
                // The library leaves it out, and without it a POST is HTTP 411.
                None if method == Method::POST => request.header(CONTENT_LENGTH, 0),
                None => request,
            }
        };
        let is_repeatable = call.operation.is_repeatable();
        http.head(&call.url, self.patience.head, is_repeatable, request)
            .await
    }

    fn pieces(&self, call: &Call<'_>, response: Response, most: u64) -> Result<Pieces, Broken> {
        Pieces::new(response, call.url.clone(), self.patience.piece, most)
    }

    async fn held(
        &self,
        call: &Call<'_>,
        response: Response,
        most: u64,
    ) -> Result<Vec<u8>, Broken> {
        let body = self.pieces(call, response, most)?.whole();
        match tokio::time::timeout(self.patience.page, body).await {
            Ok(body) => body,
            Err(_) => Err(Broken::Http(too_late(&call.url))),
        }
    }
}

fn bearer(who: Request<'_>) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", who.token.expose())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[async_trait]
impl FeedApi for ActivityClient {
    async fn list(&self, who: Request<'_>, from: ListedFrom<'_>) -> Result<ListPage, Failure> {
        let call = Call::list(who, from, self.publisher);
        let call = call.ok_or_else(|| refused::elsewhere(Operation::ListContent, who))?;
        let answer = self.whole(&call).await?;
        let page = listing::page(&answer);
        page.map_err(|what| refused::another(call.about(), &answer, what))
    }

    async fn content(&self, who: Request<'_>, at: &Address) -> Result<Box<dyn Body>, Failure> {
        let call = Call::content(who, at, self.publisher);
        let call = call.ok_or_else(|| refused::elsewhere(Operation::Content, who))?;
        let (head, response) = self.ok(&call).await?;
        let about = call.about();
        let pieces = self.pieces(&call, response, CONTENT_MAX);
        let pieces = pieces.map_err(|broken| refused::broken(about, head.at, &broken))?;
        Ok(Box::new(ContentBody { pieces, about }))
    }

    async fn subscriptions(&self, who: Request<'_>) -> Result<Subscriptions, Failure> {
        let asked = self.asked(Operation::ListSubscriptions, who, None, None);
        let (about, answer) = asked.await?;
        let listed = subscriptions::list(&answer);
        listed.map_err(|what| refused::another(about, &answer, what))
    }

    async fn subscribe(
        &self,
        who: Request<'_>,
        content_type: ContentType,
        what: Subscribe<'_>,
    ) -> Result<Subscribed, Failure> {
        let (operation, webhook) = match what {
            Subscribe::Start(webhook) => (Operation::Start, webhook),
            Subscribe::Stop => (Operation::Stop, None),
        };
        let body = webhook.map(subscriptions::body);
        let asked = self.asked(operation, who, Some(content_type), body);
        let (about, answer) = asked.await?;
        if operation == Operation::Stop {
            let stopped = subscriptions::stopped(&answer);
            return stopped.map_err(|what| refused::another(about, &answer, what));
        }
        match subscriptions::started(&answer) {
            Ok(Started::Runs(subscribed)) => Ok(subscribed),
            Ok(Started::DoesNotRun) => Err(Failure {
                at: answer.head.at,
                ..Failure::of(Refusal::SubscriptionDisabled)
            }),
            Err(what) => Err(refused::another(about, &answer, what)),
        }
    }
}
